from __future__ import annotations

import pytest

from imagemood.serve.inference_statistics import InferenceStatistics
from imagemood.serve.metrics import Metrics


def test_each_model_has_its_own_statistics():
    statistics = InferenceStatistics(Metrics(), ["mood", "tag"])
    with statistics.measure("mood") as measurement:
        measurement.begin("model")
        measurement.begin("output")
        measurement.n_items = 5
    with pytest.raises(ValueError, match="invalid input"), statistics.measure("mood"):
        raise ValueError("invalid input")
    found = statistics.read()
    assert found["mood"]["inference_count"] == 5
    counts = {name: value["count"] for name, value in found["mood"]["inference_stats"].items()}
    ones = ("success", "fail", "compute_input", "compute_infer", "compute_output")
    assert counts == {**dict.fromkeys(ones, 1), "queue": 0, "cache_hit": 0, "cache_miss": 0}
    assert found["tag"]["last_inference"] == 0
    assert all(value == {"count": 0, "ns": 0} for value in found["tag"]["inference_stats"].values())
