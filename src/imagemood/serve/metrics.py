"""What Prometheus is told: requests, how long they take, batches, queues, problems.

With several workers the figures lie in files that all of them share (`PROMETHEUS_MULTIPROC_DIR`), so that any
worker gives the sums of all.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that names the folder shared by the workers."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The figures of one worker.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.count("/v1/moods", "POST", 200, 0.008)
    >>> b'imagemood_requests_total{method="POST",route="/v1/moods",status="200"} 1.0' in metrics.page()
    True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._is_shared = SHARED in os.environ
        if not self._is_shared:
            ProcessCollector(registry=self._registry)
        registry = self._registry
        self._requests = Counter(
            "imagemood_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "imagemood_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._problems = Counter(
            "imagemood_problems", "Requests answered by a problem.", ["status"], registry=registry
        )
        self._batch_size = Histogram(
            "imagemood_batch_size", "Items computed together.", ["queue"], buckets=_SIZES, registry=registry
        )
        self._queue = Gauge(
            "imagemood_queue_length",
            "Items that wait.",
            ["queue"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._in_flight = Gauge(
            "imagemood_requests_in_flight",
            "Requests being answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._queues: dict[str, Callable[[], int]] = {}

    def begin(self) -> None:
        """Note that a request has come."""
        self._in_flight.inc()

    def end(self) -> None:
        """Note that a request is done with."""
        self._in_flight.dec()
        if self._is_shared:  # another worker's page may be asked for
            self.refresh()

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Note an answer.

        Parameters
        ----------
        route : str
            The route as it is declared, not the path that was asked for.
        method : str
            The HTTP method.
        status : int
            The HTTP status.
        seconds : float
            How long it took.
        """
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if status >= 400:
            self._problems.labels(str(status)).inc()

    def batches(self, queue: str) -> Callable[[int], None]:
        """Give what notes the size of a batch.

        Parameters
        ----------
        queue : str
            Which queue it comes from.

        Returns
        -------
        callable
            To be called with the size.
        """
        return self._batch_size.labels(queue).observe

    def watch_queue(self, queue: str, length: Callable[[], int]) -> None:
        """Have the length of a queue shown.

        Parameters
        ----------
        queue : str
            What to call it.
        length : callable
            Gives the length at any time.
        """
        self._queues[queue] = length
        self.refresh()

    def refresh(self) -> None:
        """Write the queues' lengths down, for this worker's page and for those of the others."""
        for queue, length in self._queues.items():
            self._queue.labels(queue).set(length())

    def page(self) -> bytes:
        """Give all figures, as Prometheus reads them.

        Returns
        -------
        bytes
            Text, of all workers.
        """
        self.refresh()
        if not self._is_shared:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def close(self) -> None:
        """Take this worker out of what counts only the living."""
        if self._is_shared:
            multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
