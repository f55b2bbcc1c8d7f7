from __future__ import annotations

import json
import sys

import huggingface_hub.constants

from tests.cli.commands import run, run_failing
from tests.exporting.networks import write_open_clip


def test_export(tmp_path):
    network = write_open_clip(tmp_path / "small-clip")
    done = run("tagger", "export", f"open_clip/{network}", "-o", tmp_path / "tagger")
    assert done.returncode == 0, done.stderr
    facts = {line[:16].rstrip(): line[17:] for line in done.stdout.decode().splitlines()}
    assert facts["tags"] == "none: the network computes only an embedding"
    assert facts["embedding"] == "12 features"
    assert facts["licence"] == "mit"
    assert facts["next"] == f"imagemood train --images PHOTOS --tagger {tmp_path / 'tagger'} -o MODEL"
    assert (
        json.loads((tmp_path / "tagger" / "network.json").read_text("utf-8"))["source"] == "open_clip/small-clip"
    )


def test_wrong_usage(tmp_path):
    target = ("-o", tmp_path / "tagger")
    run_failing("tagger", "export", "resnet18", *target, code=2, message="resnet18: unknown network")
    weights = tmp_path / "absent.safetensors"
    message = "absent.safetensors: No such file"
    run_failing("tagger", "export", "timm/test_vit", *target, "--weights", weights, code=2, message=message)


def test_no_connection_and_no_library(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    arguments = ("tagger", "export", "timm/test_vit", "-o", tmp_path / "tagger")
    run_failing(*arguments, code=1, message="timm/test_vit: cannot be downloaded from http://127.0.0.1:9: ")
    monkeypatch.setitem(sys.modules, "timm", None)
    run_failing(*arguments, code=2, message="timm is not installed (")
