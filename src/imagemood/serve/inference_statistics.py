"""Statistics of the models of the Open Inference Protocol, which are also metrics for Prometheus."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from imagemood.serve.metrics import Metrics

_STEPS = {"input": "compute_input", "model": "compute_infer", "output": "compute_output"}
"""The steps of a request, and their names in the protocol."""


class InferenceStatistics:
    """The statistics of each model, which are sums over all workers.

    Examples
    --------
    >>> statistics = InferenceStatistics(Metrics(), ["mood"])
    >>> with statistics.measure("mood") as measurement:
    ...     measurement.begin("model")
    ...     measurement.begin("output")
    ...     measurement.n_items = 3
    >>> statistics.read()["mood"]["inference_count"]
    3
    """

    def __init__(self, metrics: Metrics, models: Iterable[str]) -> None:
        self._metrics = metrics
        self._models = list(models)

    def measure(self, model: str) -> Measurement:
        """Measure a request in a ``with`` block."""
        return Measurement(self._metrics, model)

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the statistics of each model, as the protocol describes them."""
        values: dict[tuple[str, ...], float] = defaultdict(float)
        for sample in self._metrics.samples():
            if "model" in sample.labels and sample.name.startswith("imagemood_inference"):
                others = (value for label, value in sorted(sample.labels.items()) if label != "model")
                values[(sample.labels["model"], sample.name, *others)] = sample.value
        return {model: _describe(model, values) for model in self._models}


def _describe(model: str, values: dict[tuple[str, ...], float]) -> dict[str, Any]:
    def duration(outcome: str, *steps: str) -> dict[str, int]:
        seconds = sum(values[model, "imagemood_inference_seconds_total", outcome, step] for step in steps)
        count = values[model, "imagemood_inference_requests_total", outcome]
        return {"count": int(count), "ns": int(1e9 * seconds)}

    nothing = {"count": 0, "ns": 0}
    return {
        "last_inference": int(1000 * values[model, "imagemood_inference_last_timestamp_seconds"]),
        "inference_count": int(values[model, "imagemood_inference_items_total"]),
        "execution_count": int(values[model, "imagemood_inference_requests_total", "success"]),
        "inference_stats": {
            "success": duration("success", *_STEPS),
            "fail": duration("failure", *_STEPS),
            "queue": nothing,  # part of compute_infer
            **{name: duration("success", step) for step, name in _STEPS.items()},
            "cache_hit": nothing,
            "cache_miss": nothing,
        },
        "batch_stats": [],
    }


class Measurement:
    """The measurement of one request, whose first step is its input.

    Attributes
    ----------
    n_items : int
        Number of pictures or rows, which count if the request succeeds.
    """

    def __init__(self, metrics: Metrics, model: str) -> None:
        self.n_items = 0
        self._metrics = metrics
        self._model = model
        self._seconds: dict[str, float] = {}
        self._step = "input"
        self._start = time.perf_counter()

    def __enter__(self) -> Measurement:
        return self

    def begin(self, step: str) -> None:
        """Begin another step, which ends the previous one."""
        now = time.perf_counter()
        self._seconds[self._step] = now - self._start
        self._step, self._start = step, now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.begin("end")
        outcome, n_items = ("success", self.n_items) if kind is None else ("failure", 0)
        self._metrics.inference_finished(self._model, outcome, n_items, self._seconds)
