"""Prometheus metrics: requests, latencies, batches, queues and problems.

With several worker processes, the metrics are stored in a folder that the workers share
(`PROMETHEUS_MULTIPROC_DIR`), so that each worker can report the sums over all of them.
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

SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable with the folder that the workers share. The Prometheus client reads it when imported."""
_LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BATCH_SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The metrics of one worker process.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.request_started()
    >>> metrics.request_finished("/v1/moods", "POST", 200, 0.008)
    >>> b'imagemood_requests_total{method="POST",route="/v1/moods",status="200"} 1.0' in metrics.render()
    True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._is_shared = SHARED_FOLDER_VARIABLE in os.environ
        if not self._is_shared:
            ProcessCollector(registry=self._registry)
        registry = self._registry
        self._requests = Counter(
            "imagemood_requests", "Responses sent.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "imagemood_request_seconds",
            "Seconds from the start of a request to the end of its response.",
            ["route"],
            buckets=_LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._problems = Counter(
            "imagemood_problems", "Responses with an error status (400 or higher).", ["status"], registry=registry
        )
        self._batch_size = Histogram(
            "imagemood_batch_size",
            "Items computed in one batch.",
            ["queue"],
            buckets=_BATCH_SIZE_BUCKETS,
            registry=registry,
        )
        self._queue = Gauge(
            "imagemood_queue_length",
            "Items waiting in the queue.",
            ["queue"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._in_flight = Gauge(
            "imagemood_requests_in_flight",
            "Requests being processed.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._queues: dict[str, Callable[[], int]] = {}

    def request_started(self) -> None:
        """Count a request as being processed."""
        self._in_flight.inc()

    def request_finished(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a response. `route` is the path as declared, so that clients cannot create new labels."""
        self._in_flight.dec()
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if status >= 400:
            self._problems.labels(str(status)).inc()
        if self._is_shared:  # the next request for the metrics may go to another worker
            self._update_queue_lengths()

    def batch_size_observer(self, queue: str) -> Callable[[int], None]:
        """Return a function that records the size of a batch of this queue."""
        return self._batch_size.labels(queue).observe

    def watch_queue(self, queue: str, length: Callable[[], int]) -> None:
        """Report the length of a queue, as returned by `length`."""
        self._queues[queue] = length
        self._update_queue_lengths()

    def _update_queue_lengths(self) -> None:
        for queue, length in self._queues.items():
            self._queue.labels(queue).set(length())

    def render(self) -> bytes:
        """Return the metrics of all workers in the text format of Prometheus."""
        self._update_queue_lengths()
        if not self._is_shared:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def close(self) -> None:
        """Remove this worker from the gauges that sum over live workers."""
        if self._is_shared:
            multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
