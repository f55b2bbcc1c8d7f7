"""The check that a training set fits into memory."""

from __future__ import annotations

from imagemood._available_memory import available_bytes
from imagemood.errors import InputError

_COPIES = 2.5  # of the matrix that training holds at the same time: its own, the estimator's, and temporary ones


def check_memory(n_images: int, n_columns: int) -> None:
    """Raise `InputError` if there is not enough free memory to train on a matrix of this size."""
    needed, free = _COPIES * 4 * n_images * n_columns, available_bytes()
    if needed > free:
        max_images = int(free / (_COPIES * 4 * n_columns))
        raise InputError(
            f"training on {n_images:,} pictures × {n_columns:,} columns needs {needed / 1e9:.1f} GB of memory, "
            f"but only {free / 1e9:.1f} GB are free",
            hint=f"train on at most {max_images:,} pictures, or on fewer tags",
        )
