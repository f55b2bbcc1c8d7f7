"""Reports the metrics of each replica to Ray, whose endpoints for Prometheus have those of all replicas."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from imagemood.serve.metrics import Metrics

_REPORT_S = 5.0
_PREFIX = "imagemood_"


class RayMetrics:
    """The metrics of a replica as gauges of Ray.

    Counters and histograms of Ray cannot be set to values that another library has counted. For the functions of
    Prometheus, such as ``rate`` and ``histogram_quantile``, the type does not matter.

    Parameters
    ----------
    metrics : Metrics
        The metrics of the replica.
    create_gauge : callable
        `ray.serve.metrics.Gauge`, which adds the application, the deployment and the replica as labels.

    Examples
    --------
    >>> from unittest.mock import Mock
    >>> create_gauge = Mock()
    >>> RayMetrics(Metrics(), create_gauge).report()
    >>> create_gauge.call_args_list[0].args[0]
    'imagemood_requests_in_flight'
    """

    def __init__(self, metrics: Metrics, create_gauge: Callable[..., Any]) -> None:
        self._metrics = metrics
        self._create_gauge = create_gauge
        self._gauges: dict[str, Any] = {}

    def report(self) -> None:
        """Report the current values, except those of the process, which Ray measures."""
        for sample in self._metrics.samples():
            if sample.name.startswith(_PREFIX):
                gauge = self._gauges.get(sample.name)
                if gauge is None:
                    description = f"{sample.name} of a replica."
                    gauge = self._create_gauge(sample.name, description, tuple(sample.labels))
                    self._gauges[sample.name] = gauge
                gauge.set(sample.value, tags=dict(sample.labels))

    def start(self) -> None:
        """Report the values every few seconds, in the background."""
        threading.Thread(target=self._run, name="imagemood-metrics", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.report()
            time.sleep(_REPORT_S)
