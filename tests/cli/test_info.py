from __future__ import annotations

import json
import platform

import pytest

import imagemood
from imagemood.models.model_hash import model_hash
from tests.cli.commands import MOODS, run, run_failing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "gpu"], "error: unknown device 'gpu' (use auto, cpu, cuda, or cuda:N"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("info", *arguments, code=2, message=message)


def test_the_facts_as_json():
    completed = run("info", "--device", "cpu", "--format", "json")
    assert (completed.returncode, completed.stderr) == (0, b"")
    facts = json.loads(completed.stdout)
    assert list(facts) == [
        "version", "python", "onnxruntime", "device", "providers", "tagger", "tags", "picture size", "model",
        "hash", "algorithm", "inputs", "moods", "training images",
    ]  # fmt: skip
    assert facts["version"] == imagemood.__version__
    assert facts["python"] == platform.python_version()
    assert facts["hash"] == model_hash()
    assert set(facts["moods"]) == MOODS
    assert (facts["device"], facts["providers"]) == ("cpu", ["CPUExecutionProvider"])
    assert (facts["tags"], facts["picture size"]) == (1000, 224)


def test_the_facts_as_text():
    lines = run("info", "--model", "tags").stdout.decode().splitlines()
    facts = {line[:16].rstrip(): line[17:] for line in lines}
    assert facts["hash"] == model_hash("tags")
    assert facts["inputs"] == "tags"
    assert set(facts["moods"].split(", ")) == MOODS
    assert len(lines) == 14


def test_missing_models_are_errors(tmp_path):
    run_failing("info", "--model", tmp_path / "absent", code=2, message="absent")
    run_failing("info", "--tagger", tmp_path / "absent.onnx", code=2, message="absent.onnx: No such file")
