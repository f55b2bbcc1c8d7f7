from __future__ import annotations

import json

import pytest

from tests.cli.commands import run, run_failing


@pytest.mark.parametrize(
    ("flags", "takes"), [([], "ImageTagSet"), (["--cascade"], "Image"), (["--tagger"], "Image")]
)
def test_acumos_dump(tmp_path, flags, takes):
    done = run(
        "acumos", "dump", *flags, "--license", "Apache-2.0", "--name", "my moods", "-o", tmp_path / "bundle"
    )
    assert done.returncode == 0, done.stderr
    metadata = json.loads((tmp_path / "bundle" / "metadata.json").read_text())
    assert metadata["name"] == "my moods"
    assert metadata["methods"]["classify"]["input"]["name"] == takes
    assert json.loads((tmp_path / "bundle" / "license.json").read_text()) == {"license": "Apache-2.0"}


def test_acumos_push_hides_the_token_and_warns_of_plain_http(tmp_path, monkeypatch):
    monkeypatch.setenv("ACUMOS_TOKEN", "secret-token")
    assert run("acumos", "dump", "-o", tmp_path / "bundle").returncode == 0
    message = "error: http://127.0.0.1:1/push: cannot connect"
    error = run_failing(
        "acumos", "push", tmp_path / "bundle", "-a", "http://127.0.0.1:1/push", code=1, message=message
    )
    assert "warning" not in error
    message = (
        "warning: http://nowhere.invalid/push is not encrypted: "
        "anyone on the network can read your token and password"
    )
    error = run_failing(
        "acumos", "push", tmp_path / "bundle", "-a", "http://nowhere.invalid/push", code=1, message=message
    )
    assert "secret-token" not in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dump", "--cascade", "--tagger", "-o", "b"], "exclude each other"),
        (["dump", "--model", "default", "-o", "b"], "rows only (use --cascade, or a model trained on tags only)"),
        (["dump", "--network", "x.onnx", "-o", "b"], "--network needs --cascade or --tagger"),
        (["dump", "--tagger", "--model", "tags", "-o", "b"], "a bundle of the tagger holds no mood classifier"),
        (["push", "b"], "--push-address"),
        (["push", "b", "-a", "http://127.0.0.1:1"], "b/model.zip: No such file or directory"),
    ],
)
def test_wrong_usage(arguments, message, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    run_failing("acumos", *arguments, code=2, message=message)
