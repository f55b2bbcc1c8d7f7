from __future__ import annotations

import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from imagemood.serve.metrics import Metrics

WORKER = """
import sys
from imagemood.serve.metrics import Metrics
metrics = Metrics()
metrics.request_started()
metrics.request_started()
metrics.request_finished("/v1/moods", "POST", 200, 0.01)
metrics.watch_queue("pictures", lambda: 3)
metrics.batch_size_observer("pictures")(4)
metrics.set_model(name="default", model_hash="abc", version="1", device="cpu")
metrics.picture_counter(("awe", "fear"))("fear")
metrics.inference_finished("mood", "success", 2, {"model": 0.5})
if "close" in sys.argv:
    metrics.close()
print(metrics.render().decode())
"""


def samples(text):
    families = text_string_to_metric_families(text)
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def test_requests_batches_queues_and_problems_are_reported():
    metrics, lengths = Metrics(), [2]
    metrics.watch_queue("pictures", lambda: lengths[0])
    for status in (200, 200, 404):
        metrics.request_started()
        metrics.request_finished("/v1/moods", "POST", status, 0.003)
    metrics.request_started()
    observe = metrics.batch_size_observer("pictures")
    observe(8)
    observe(3)
    lengths[0] = 5
    found = samples(metrics.render().decode())
    request = (("method", "POST"), ("route", "/v1/moods"))
    assert found["imagemood_requests_total", *request, ("status", "200")] == 2
    assert found["imagemood_requests_total", *request, ("status", "404")] == 1
    assert found["imagemood_problems_total", ("status", "404")] == 1
    assert ("imagemood_problems_total", ("status", "200")) not in found
    assert found["imagemood_requests_in_flight",] == 1
    assert found["imagemood_request_seconds_count", ("route", "/v1/moods")] == 3
    assert found["imagemood_request_seconds_sum", ("route", "/v1/moods")] == pytest.approx(0.009)
    buckets = [
        found["imagemood_request_seconds_bucket", ("le", le), ("route", "/v1/moods")] for le in ("0.0025", "0.005")
    ]
    assert buckets == [0, 3]
    assert found["imagemood_batch_size_sum", ("queue", "pictures")] == 11
    assert found["imagemood_queue_length", ("queue", "pictures")] == 5
    assert found["process_resident_memory_bytes",] > 1e6


def test_moods_and_models_are_reported():
    metrics = Metrics()
    metrics.set_model(name="default", model_hash="abc", version="1", device="cpu")
    count = metrics.picture_counter(("awe", 'an "odd"\nmood'))
    for mood in ('an "odd"\nmood', 'an "odd"\nmood', None):
        count(mood)
    found = samples(metrics.render().decode())
    labels = (("device", "cpu"), ("hash", "abc"), ("name", "default"), ("version", "1"))
    assert found["imagemood_model_info", *labels] == 1
    assert found["imagemood_moods_total", ("mood", "awe")] == 0  # known from the start
    assert found["imagemood_moods_total", ("mood", 'an "odd"\nmood')] == 2
    assert found["imagemood_picture_errors_total",] == 1
    assert {sample.name for sample in metrics.samples()} == {name for name, *_ in found}


def test_workers_report_their_sums_and_gauges_of_those_that_are_alive(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    def run(*arguments):
        command = [sys.executable, "-c", WORKER, *arguments]
        return samples(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    request = ("imagemood_requests_total", ("method", "POST"), ("route", "/v1/moods"), ("status", "200"))
    in_flight, queue = ("imagemood_requests_in_flight",), ("imagemood_queue_length", ("queue", "pictures"))
    first = run()
    assert (first[request], first[in_flight], first[queue]) == (1, 1, 3)
    assert not any(name.startswith("process_") for name, *_ in first)
    second = run("close")
    assert (second[request], second[in_flight], second[queue]) == (2, 1, 3)
    labels = (("device", "cpu"), ("hash", "abc"), ("name", "default"), ("version", "1"))
    for metrics in (first, second):  # not the sum over the workers
        assert metrics["imagemood_model_info", *labels] == 1
    assert second["imagemood_moods_total", ("mood", "fear")] == 2
    assert second["imagemood_inference_items_total", ("model", "mood")] == 4
    assert not any(label == "pid" for _, *pairs in second for label, _ in pairs)
