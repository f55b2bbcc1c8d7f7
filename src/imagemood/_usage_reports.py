"""Turns off the usage reports that libraries send to their developers."""

from __future__ import annotations

import os

VARIABLES = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime: events, and a file with a device ID below the home folder
    "DAFT_ANALYTICS_ENABLED": "0",  # Daft: a request for each import and each run
    "HF_HUB_DISABLE_TELEMETRY": "1",  # Hugging Face Hub: how its library is used, in requests and reports
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",  # Hugging Face Hub: a request for the newest version
    "DISABLE_SAFETENSORS_CONVERSION": "1",  # transformers: asks a service to convert a network that is loaded
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray: a report for each cluster that this process starts
}
"""Environment variables that the libraries read when they are loaded, and their values."""


def turn_off() -> None:
    """Set the variables for this process and for the processes that it starts, whatever their values were."""
    os.environ.update(VARIABLES)
