"""Prometheus metrics: requests, latencies, batches, queues, problems, moods and models.

With several worker processes, the metrics are stored in a folder that the workers share
(`PROMETHEUS_MULTIPROC_DIR`), so that each worker can report the sums over all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)
from prometheus_client.samples import Sample

SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable with the folder that the workers share. The Prometheus client reads it when imported."""
GaugeMode = Literal["livesum", "livemax", "max"]
"""How the values of a gauge in several workers are combined."""
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
        self._queues: dict[str, Callable[[], int]] = {}
        self._add_requests()
        self._add_queues()
        self._add_models()

    def _add_requests(self) -> None:
        self._requests = self._counter("requests", "Responses sent.", "route", "method", "status")
        self._seconds = Histogram(
            "imagemood_request_seconds",
            "Seconds from the start of a request to the end of its response.",
            ["route"],
            buckets=_LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self._find_request_metrics = cache(self._request_metrics)  # of a small number of combinations
        self._in_flight = self._gauge("requests_in_flight", "Requests being processed.", mode="livesum")
        self._problems = self._counter("problems", "Responses with an error status (400 or higher).", "status")

    def _add_queues(self) -> None:
        self._batch_size = Histogram(
            "imagemood_batch_size",
            "Items computed in one batch.",
            ["queue"],
            buckets=_BATCH_SIZE_BUCKETS,
            registry=self._registry,
        )
        self._queue = self._gauge("queue_length", "Items waiting in the queue.", "queue", mode="livesum")

    def _add_models(self) -> None:
        self._model = self._gauge(
            "model_info", "1, with the models as labels.", "name", "hash", "version", "device", mode="livemax"
        )
        self._moods = self._counter("moods", "Pictures by their most probable mood.", "mood")
        self._picture_errors = self._counter("picture_errors", "Pictures that could not be classified.")
        self._inference_requests = self._counter(
            "inference_requests", "Requests of the Open Inference Protocol.", "model", "outcome"
        )
        self._inference_items = self._counter(
            "inference_items", "Pictures or rows in successful requests of the Open Inference Protocol.", "model"
        )
        self._inference_seconds = self._counter(
            "inference_seconds",
            "Seconds of the steps of requests of the Open Inference Protocol.",
            "model",
            "outcome",
            "step",
        )
        self._last_inference = self._gauge(
            "inference_last_timestamp_seconds",
            "When the last request of the Open Inference Protocol succeeded, in seconds since 1970.",
            "model",
            mode="max",
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"imagemood_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str, mode: GaugeMode) -> Gauge:
        return Gauge(f"imagemood_{name}", text, labels, registry=self._registry, multiprocess_mode=mode)

    def request_started(self) -> None:
        """Count a request as being processed."""
        self._in_flight.inc()

    def request_finished(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a response. `route` is the path as declared, so that clients cannot create new labels."""
        self._in_flight.dec()
        count, observe = self._find_request_metrics(route, method, status)
        count()
        observe(seconds)
        if status >= 400:
            self._problems.labels(str(status)).inc()
        if self._is_shared:  # the next request for the metrics may go to another worker
            self._update_queue_lengths()

    def _request_metrics(
        self, route: str, method: str, status: int
    ) -> tuple[Callable[[], None], Callable[[float], None]]:
        """Return the functions that count a response and record its time."""
        return self._requests.labels(route, method, str(status)).inc, self._seconds.labels(route).observe

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

    def set_model(self, *, name: str, model_hash: str, version: str, device: str) -> None:
        """Report the models that classify pictures, the version of this package, and the device."""
        self._model.labels(name, model_hash, version, device).set(1)

    def picture_counter(self, moods: Sequence[str]) -> Callable[[str | None], None]:
        """Return a function that counts a picture, given its most probable mood, or None if it failed."""
        counters = {mood: self._moods.labels(mood) for mood in moods}

        def count(mood: str | None) -> None:
            (self._picture_errors if mood is None else counters[mood]).inc()

        return count

    def inference_finished(self, model: str, outcome: str, n_items: int, seconds: Mapping[str, float]) -> None:
        """Count a request of the Open Inference Protocol, given the seconds that each of its steps took."""
        self._inference_requests.labels(model, outcome).inc()
        self._inference_items.labels(model).inc(n_items)
        for step, duration in seconds.items():
            self._inference_seconds.labels(model, outcome, step).inc(duration)
        if outcome == "success":
            self._last_inference.labels(model).set_to_current_time()

    def render(self) -> bytes:
        """Return the metrics of all workers in the text format of Prometheus."""
        return generate_latest(self._collected())

    def samples(self) -> Iterator[Sample]:
        """Return the values of all workers."""
        for family in self._collected().collect():
            yield from family.samples

    def _collected(self) -> CollectorRegistry:
        self._update_queue_lengths()
        if not self._is_shared:
            return self._registry
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    def close(self) -> None:
        """Remove this worker from the gauges that sum over live workers."""
        if self._is_shared:
            multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
