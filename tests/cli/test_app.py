from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

import imagemood
from imagemood.cli.app import app
from imagemood.errors import InputError
from imagemood.models.model_hash import model_hash
from tests.cli.commands import MOODS, run, run_failing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acumos", "dump", "--cascade", "--tagger", "-o", "b"], "exclude each other"),
        (["acumos", "dump", "--network", "x.onnx", "-o", "b"], "--network needs --cascade or --tagger"),
        (
            ["acumos", "dump", "--tagger", "--model", "tags", "-o", "b"],
            "a bundle of the tagger holds no mood classifier",
        ),
        (["acumos", "dump", "--model", "default", "-o", "b"], "receives tag rows only"),
        (["acumos", "push", "b"], "--push-address"),
        (["acumos", "push", "b", "-a", "http://127.0.0.1:1"], "b/model.zip: No such file or directory"),
        (["train", "--example", "--mask", "half", "-o", "m"], "invalid --mask 'half' (separate numbers"),
        (["evaluate", "--example", "--mask", "0,1"], "invalid --mask '0,1' (use fractions above 0"),
        (["train", "--example", "--noise", "2", "-o", "m"], "--noise"),
        (["classify"], "Missing argument"),
        (["classify", "x.jpg", "--top", "0"], "--top"),
        (["classify", "x.jpg", "--format", "xml"], "--format"),
        (["classify", "x.jpg", "-o", "moods.doc"], "unknown file name extension"),
        (["classify", "x.jpg", "-o", "moods.pb"], "cannot be written as protobuf"),
        (["train", "-o", "m"], "exactly one training set is required"),
        (["train", "--example", "--images", "x", "-o", "m"], "exactly one training set is required"),
        (["train", "--tags", "t.csv", "-o", "m"], "--tags and --labels require each other"),
        (["train", "--example", "--inputs", "embedding+tags", "-o", "m"], "requires pictures"),
        (["train", "--images", "nowhere", "-o", "m"], "nowhere: no such folder"),
        (["train", "--example", "-o", "."], "the folder is not empty"),
        (["evaluate", "--example", "--folds", "1"], "--folds"),
        (["mood", "nowhere.csv"], "nowhere.csv: cannot be read: No such file or directory"),
        (["train", "--example", "--inputs", "tags+pixels", "-o", "m"], "invalid --inputs 'tags+pixels'"),
        (["train", "--example", "--inputs", "tags+visual", "-o", "m"], "there is no input 'visual' to learn from"),
        (["train", "--example", "--features", "f.csv", "-o", "m"], "--features requires --tags"),
        (["evaluate", "--example", "--report", "."], "the folder is not empty"),
        (["compare", "--example", "--sample", "5", "--work", "w"], "has none with the mood"),
        (["compare", "--example", "--work", "something"], "something: cannot create the folder: File exists"),
        (["compare", "--images", "nowhere", "--work", "w"], "nowhere: no such folder"),
        (["features", "x.jpg", "-o", "features.pb"], "features cannot be written as protobuf"),
        (["mood", "nowhere.csv", "--features", "f.csv"], "f.csv: cannot be read"),
        (["info", "--device", "gpu"], "error: unknown device 'gpu' (use auto, cpu, cuda, or cuda:N"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage_exits_2(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing(*arguments, code=2, message=message)


def test_info_and_version():
    facts = json.loads(run("info", "--device", "cpu", "--format", "json").stdout)
    assert facts["version"] == imagemood.__version__
    assert facts["hash"] == model_hash()
    assert set(facts["moods"]) == MOODS
    assert facts["device"] == "cpu"
    assert facts["providers"] == ["CPUExecutionProvider"]
    assert b"CPUExecutionProvider" in run("info").stdout
    assert run("--version").stdout.decode().strip() == f"imagemood {imagemood.__version__}"


@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        ["classify", "PHOTOS"],
        ["tag", "PHOTOS"],
        ["search", "PHOTOS", "--mood", "awe"],
        ["train", "--images", "PHOTOS", "-o", "m"],
        ["evaluate", "--images", "PHOTOS"],
        ["compare", "--images", "PHOTOS", "--work", "w"],
        ["summary", "5", "--images", "PHOTOS"],
        ["serve", "--no-downstream", "--port", "PORT"],
        ["info"],
    ],
    ids=lambda command: command[0],
)
def test_the_device_reaches_the_network(command, by_environment, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as once_free:
        values = {"PHOTOS": str(photos), "PORT": str(once_free.getsockname()[1])}
    command = [values.get(word, word) for word in command]
    if by_environment:
        monkeypatch.setenv("IMAGEMOOD_DEVICE", "cuda:9999")
    else:
        command += ["--device", "cuda:9999"]
    with pytest.raises(InputError, match=r"^device cuda:9999: "):
        app(command, standalone_mode=False)


def test_every_command_has_help_with_an_example():
    for name in (
        "classify",
        "tag",
        "features",
        "mood",
        "train",
        "evaluate",
        "compare",
        "summary",
        "info",
        "demo",
    ):
        assert f"Example: imagemood {name}" in run(name, "--help").stdout.decode()


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from imagemood.cli.app import app; app(['--help'], standalone_mode=False); "
        "print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stderr.split()
    assert not {"numpy", "pyarrow", "onnxruntime", "sklearn", "PIL", "google", "onnx", "skimage", "cv2"} & set(
        loaded
    )
