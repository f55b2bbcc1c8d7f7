from __future__ import annotations

import subprocess
import sys

import pytest

from imagemood.errors import ModelError
from imagemood.models import trial
from imagemood.models.trial import Trial
from tests.corpus import hostile_graphs
from tests.corpus.hostile_networks import MOODS, SCORES, good


@pytest.fixture(autouse=True)
def _no_earlier_trials(monkeypatch):
    monkeypatch.setattr(trial, "_passed", set())
    monkeypatch.setattr(trial, "_CPU_S", 1)


@pytest.mark.parametrize("frame", [MOODS, SCORES])
def test_a_good_network_passes_and_is_not_tried_again(frame, monkeypatch):
    Trial(side_px=8).check(good(frame), "good.onnx")
    monkeypatch.setattr(subprocess, "Popen", None)
    Trial(side_px=8).check(good(frame), "good.onnx")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (hostile_graphs.endless(MOODS)["loop"], "needs more than 1 s to be loaded and to process two pictures"),
        (hostile_graphs.large(MOODS)["ConstantOfShape"], "needs more than 2.1 GB of memory to be loaded and to"),
        (hostile_graphs.invalid(MOODS)["deep tree"], r"makes ONNX Runtime crash \(SIGSEGV\)"),
    ],
)
def test_a_network_that_exceeds_a_limit(content, message, capfd):
    with pytest.raises(ModelError, match=rf"^bad\.onnx: the network {message}"):
        Trial().check(content, "bad.onnx")
    assert capfd.readouterr() == ("", "")


def test_a_process_that_gets_little_cpu_time_has_a_time_limit_too(monkeypatch):
    monkeypatch.setattr(trial, "_CPU_S", 1000)
    monkeypatch.setattr(trial, "_WALL_S", 0)
    monkeypatch.setattr(trial, "_WALL_FACTOR", 0)
    with pytest.raises(ModelError, match="needs more than 1000 s"):
        Trial().check(hostile_graphs.endless(MOODS)["loop"], "slow.onnx")


def test_other_errors_are_left_to_the_process_that_uses_the_network():
    Trial().check(b"not a network", "bad.onnx")
    Trial().check(hostile_graphs.large(MOODS)["overflow"], "bad.onnx")


@pytest.mark.parametrize(
    ("name", "value"), [("executable", ""), ("executable", "/usr/bin/server"), ("frozen", True)]
)
def test_nothing_is_started_without_python(name, value, monkeypatch):
    monkeypatch.setattr(sys, name, value, raising=False)
    Trial().check(hostile_graphs.endless(MOODS)["loop"], "endless.onnx")


def test_a_python_that_cannot_be_started_or_has_no_modules(monkeypatch):
    endless = hostile_graphs.endless(MOODS)["loop"]
    monkeypatch.setattr(sys, "executable", "/absent/python")
    Trial().check(endless, "endless.onnx")
    monkeypatch.undo()
    monkeypatch.setattr(trial, "_passed", set())
    monkeypatch.setattr(sys, "path", ["/absent"])
    Trial().check(endless, "endless.onnx")


def test_the_limits_grow_with_the_network_and_the_picture():
    small, large = Trial(224)._limits(2**20), Trial(2048)._limits(2**28)
    assert small == {"cpu_s": 1, "memory_bytes": 2 * 2**30 + 8 * 2**20 + 2048 * 224**2}
    assert large["cpu_s"] == 1 + 64 + 16
    assert large["memory_bytes"] > 8 * 2**30
