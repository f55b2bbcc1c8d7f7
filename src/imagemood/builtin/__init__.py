"""The data of the package: the network, two mood classifiers and an example training set."""

from __future__ import annotations

from pathlib import Path


def path(name: str) -> Path:
    """Return the path of a built-in file or folder.

    The names are ``network.onnx``, ``network.json``, ``moods``, ``tags_moods``, ``example.parquet`` and
    ``example_labels.csv``.

    Examples
    --------
    >>> path("network.onnx").name
    'network.onnx'
    """
    return Path(__file__).parent / name
