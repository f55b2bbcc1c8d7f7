from __future__ import annotations

import pytest

from imagemood.serve.metrics import Metrics
from imagemood.serve.ray_metrics import RayMetrics


class Recorder:
    """Records what is reported to the gauges of Ray, whose names and labels must not change."""

    def __init__(self):
        self.labels = {}
        self.values = {}

    def create_gauge(self, name, description, tag_keys):
        assert name in description
        assert name not in self.labels
        self.labels[name] = set(tag_keys)
        recorder = self

        class Gauge:
            def set(self, value, tags):
                assert set(tags) == set(tag_keys)
                recorder.values[name, *sorted(tags.items())] = value

        return Gauge()


@pytest.fixture
def metrics():
    metrics = Metrics()
    metrics.request_started()
    metrics.request_finished("/v1/moods", "POST", 200, 0.02)
    metrics.request_finished("/v1/moods", "POST", 503, 0.02)
    return metrics


def test_all_metrics_of_the_service_are_reported(metrics):
    recorder = Recorder()
    RayMetrics(metrics, recorder.create_gauge).report()
    expected = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for sample in metrics.samples()
        if sample.name.startswith("imagemood_")
    }
    assert recorder.values == expected
    route = ("route", "/v1/moods")
    assert recorder.values["imagemood_requests_total", ("method", "POST"), route, ("status", "503")] == 1
    assert recorder.values["imagemood_request_seconds_bucket", ("le", "0.025"), route] == 2


def test_later_values_and_labels_are_reported_to_the_same_gauges(metrics):
    recorder = Recorder()
    reported = RayMetrics(metrics, recorder.create_gauge)
    reported.report()
    metrics.request_finished("/v1/moods", "POST", 200, 0.02)
    metrics.request_finished("/healthz", "GET", 200, 0.02)
    reported.report()
    assert recorder.values["imagemood_request_seconds_count", ("route", "/v1/moods")] == 3
    assert recorder.values["imagemood_request_seconds_count", ("route", "/healthz")] == 1
