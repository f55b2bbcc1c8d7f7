"""What ships with the package: the network, two mood classifiers and an example training set. Data only."""

from __future__ import annotations

from pathlib import Path


def path(name: str) -> Path:
    """Locate a file or folder of the built-in data.

    Parameters
    ----------
    name : str
        ``network.onnx``, ``network.json``, ``moods``, ``tags_moods`` or ``example.parquet``.

    Returns
    -------
    Path
        Where it lies in the installed package.

    Examples
    --------
    >>> path("network.onnx").name
    'network.onnx'
    """
    return Path(__file__).parent / name
