"""Pause a long training while a file exists."""

from __future__ import annotations

import time
from pathlib import Path


def wait_while(file: Path, seconds: float = 2.0) -> None:
    """Sleep until the file does not exist."""
    while file.exists():
        time.sleep(seconds)
