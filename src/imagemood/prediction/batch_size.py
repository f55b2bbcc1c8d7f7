"""The number of pictures in a batch, for the pipeline, the service and bulk runs alike."""

from __future__ import annotations

_MAX_ON_CPU = 8  # the overhead of a batch is small compared with eight pictures, and the batch fits the cache
_MAX_ON_GPU = 32
_OVERHEAD = 0.1  # of a batch, relative to the time for one picture


def max_batch_size(*, on_gpu: bool = False) -> int:
    """Return the batch size with the highest throughput on the device."""
    return _MAX_ON_GPU if on_gpu else _MAX_ON_CPU


def balanced_batch_size(n_pictures: int, n_workers: int, max_size: int) -> int:
    """Return the batch size, from 1 to `max_size`, with which all workers finish early and at about the same time.

    Examples
    --------
    >>> balanced_batch_size(10, 2, 8), balanced_batch_size(24, 2, 8), balanced_batch_size(10_007, 2, 8)
    (5, 6, 8)
    """

    def duration(batch_size: int) -> float:
        """Return the time of the busiest worker, in units of the time for one picture."""
        n_batches = -(-n_pictures // batch_size)
        return -(-n_batches // n_workers) * (batch_size + _OVERHEAD)

    return min(range(max_size, 0, -1), key=duration)
