"""The package without extras: each command and each module works, or names the extra that it needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imagemood import _extras
from imagemood.cli.app import app, bundles, taggers

ROOT = Path(__file__).parent.parent
MAX_PACKAGES, MAX_MB = 15, 230
SAMPLE = ROOT / "src" / "imagemood" / "pictures" / "sample_pictures" / "alps.jpg"
# The main uses of all commands, with the extra that each needs; None if it needs none.
USES = {
    "classify a.jpg": None,
    "classify a.jpg --explain --format json": None,
    "classify a.jpg --heatmap heat.png": None,
    "classify photos -o moods.csv": None,
    "classify photos -o moods.jsonl": None,
    "classify photos -o moods.parquet": "tables",
    "classify photos --format parquet": "tables",
    "classify absent.jpg --format parquet": "tables",  # before any picture is read
    "classify list.csv": "tables",
    "classify list.jsonl": "tables",
    "classify pictures.parquet --column image": "tables",
    "classify a.heic": "heif",
    "classify a.cr3": "raw",
    "classify a.mp4": "video",
    "classify https://example.org/a.jpg https://example.org/b.jpg": "web",
    "classify https://bücher.example/a.jpg": "web",
    "classify s3://bucket/a.jpg": "cloud",
    "classify gs://bucket/folder": "cloud",
    "tag a.jpg": None,
    "tag a.jpg -o tags.csv.gz": None,
    "tag a.jpg -o tags.jsonl": None,
    "tag a.jpg --index -o tags.pb": None,
    "tag a.jpg -o tags.parquet": "tables",
    "tag a.jpg -o tags.csv.zst": "tables",
    "mood tags.csv": None,
    "mood tags.csv -o moods.csv": None,
    "mood tags.parquet": "tables",
    "mood tags.csv.zst": "tables",
    "mood https://example.org/tags.csv": "web",
    "mood s3://bucket/tags.csv": "cloud",
    "features a.jpg": "visual",
    "bulk photos -o dataset": "bulk",
    "search photos --mood awe": "tables",
    "similar a.jpg photos": "tables",
    "cluster photos": "train",
    "timeline a.mp4": "video",
    "write-xmp photos --dry-run": None,
    "album photos -o album.html": "report",
    "gallery dataset -o gallery.html": "bulk",
    "train --example -o model": "train",
    "train --images photos -o model": "train",
    "finetune --images photos -o model": "export",
    "evaluate --example": "train",
    "evaluate --images photos --model default": "train",
    "compare --example": "train",
    "reproduce --images photos": "train",
    "summary 3 --example": "tables",
    "summary 3 --images photos": None,
    "serve": "serve",
    "info": None,
    "demo": None,
    "samples -o samples": None,
    "tagger export timm/resnet18 -o tagger": "export",
    "tagger export open_clip/ViT-B-32/openai -o tagger": "export",
    "tagger export hf/google/siglip -o tagger": "export",
    "acumos dump -o bundle": None,
    "acumos dump --cascade -o cascade": None,
    "acumos push bundle -a https://example.org": "web",
}
CLASSIC_USES = {"-i tags.csv -d bundle": None, "-i tags.csv -l labels.csv": "train"}
# Runs each use in one process, which is much faster than one process for each.
RUN = """
import contextlib, io, json, os, sys
from imagemood.acumos import classify_image
from imagemood import cli

results = {}
for program, uses in json.load(sys.stdin).items():
    for use in uses:
        with contextlib.ExitStack() as stack:
            streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
            stack.enter_context(contextlib.redirect_stdout(streams[0]))
            stack.enter_context(contextlib.redirect_stderr(streams[1]))
            try:
                (cli if program == "imagemood" else classify_image).main(use.split())
                code = 0
            except SystemExit as error:
                code = error.code or 0
            for stream in streams:
                stream.flush()
        results[use] = [code, *(stream.buffer.getvalue().decode() for stream in streams)]
json.dump(results, sys.stdout)
"""
IMPORTS = """
import importlib, json, os, sys
import imagemood
from imagemood.errors import MissingExtraError

root = os.path.dirname(imagemood.__file__)
found = {}
for folder, _, files in os.walk(root):
    for file in files:
        name = os.path.relpath(os.path.join(folder, file), os.path.dirname(root)).replace(os.sep, ".")
        if not name.endswith(".py") or "acumos.runner" in name or "__main__" in name:
            continue
        name = name.removesuffix(".py").removesuffix(".__init__")
        try:
            module = importlib.import_module(name)
            found[name] = None
            for public in getattr(module, "__all__", ()):
                try:
                    getattr(module, public)
                except MissingExtraError as error:
                    found[f"{name}.{public}"] = str(error)
        except MissingExtraError as error:
            found[name] = str(error)
json.dump(found, sys.stdout)
"""
CALLS = {
    "imagemood.classify('a.jpg').mood": None,
    "imagemood.load_model().labels": None,
    "imagemood.Cascade.load().classify_many(['a.jpg'])": None,
    "imagemood.TagSet.from_rows(['a'], ['castle'], [1]).to_columns()": None,
    "imagemood.TagSet.from_rows(['a'], ['castle'], [1]).table": "tables",
    "imagemood.classify('https://example.org/a.jpg')": "web",
    "imagemood.classify('s3://bucket/a.jpg')": "cloud",
    "imagemood.classify('a.heic')": "heif",
    "imagemood.learning.train": "train",
    "import_module('imagemood.visual').extract": "visual",
    "import_module('imagemood.evaluation.cross_validation')": "train",
    "import_module('imagemood.serve.app')": "serve",
    "import_module('imagemood.report')": "train",
}
CALL = """
import json, sys
from importlib import import_module
import imagemood, imagemood.learning

results = {}
for call in json.load(sys.stdin):
    try:
        eval(call)
        results[call] = None
    except imagemood.MoodError as error:
        results[call] = str(error)
json.dump(results, sys.stdout)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The folder of an environment with the wheel, without extras and without pip, and a folder to work in."""
    folder = tmp_path_factory.mktemp("install")
    variables = {**os.environ, "IMAGEMOOD_WITHOUT_PAGE": "1"}
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True, env=variables)
    (wheel,) = folder.glob("*.whl")
    uv = [shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", python, wheel], check=True)
    work = folder / "work"
    (work / "photos" / "awe").mkdir(parents=True)
    shutil.copy(SAMPLE, work / "a.jpg")
    shutil.copy(SAMPLE, work / "photos" / "awe" / "b.jpg")
    (work / "list.csv").write_text("image\na.jpg\n")
    (work / "list.jsonl").write_text('{"image": "a.jpg"}\n')
    (work / "tags.csv").write_text("image,tag,score\na.jpg,castle,0.9\n")
    (work / "labels.csv").write_text("awe\n")
    (work / "a.cr3").write_bytes(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(100))
    (work / "a.mp4").write_bytes(b"\0\0\0\x1cftypisom\0\0\0\0isommp42" + bytes(100))
    (work / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(100))
    for name in ("pictures.parquet", "tags.parquet", "tags.csv.zst"):
        (work / name).write_bytes(b"PAR1")
    return folder


def run(environment, command, *arguments, given=None):
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [environment / "env" / "bin" / command, *arguments],
        input=None if given is None else json.dumps(given),
        capture_output=True,
        text=True,
        cwd=environment / "work",
        env=variables,
        timeout=120,
    )


@pytest.fixture(scope="module")
def results(environment):
    """The exit code, the output and the errors of each use."""
    return json.loads(
        run(
            environment,
            "python",
            "-c",
            RUN,
            given={"imagemood": [*USES], "classify_image": [*CLASSIC_USES]},
        ).stdout
    )


def names_extra(line, extra):
    """Return whether a message names an extra, and the command that installs it into this environment."""
    return f"image-mood-classifier[{extra}]" in line and "uv pip install --python" in line


def test_the_core_is_small(environment):
    (site,) = environment.glob("env/lib/python*/site-packages")
    packages = [path.name for path in site.glob("*.dist-info")]
    assert len(packages) <= MAX_PACKAGES, packages
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) <= MAX_MB * 1e6
    unwanted = {"pip", "pyarrow", "sklearn", "scipy", "httpx", "onnx", "psutil", "pydantic"}
    assert not unwanted & {path.name for path in site.iterdir()}


def test_every_command_is_used():
    """A new command must be added to the uses above."""
    groups = {"": app, "tagger ": taggers, "acumos ": bundles}
    names = {
        prefix + command.callback.__name__.replace("_", "-")
        for prefix, group in groups.items()
        for command in group.registered_commands
    }
    used = {" ".join(use.split()[: 2 if use.startswith(("tagger", "acumos")) else 1]) for use in USES}
    assert used == names - {"page"}  # which copies a file that is not in this wheel


@pytest.mark.parametrize(("use", "extra"), {**USES, **CLASSIC_USES}.items())
def test_commands(results, use, extra):
    code, output, errors = results[use]
    if extra is None:
        assert (code, errors.count("error:")) == (0, 0), errors
        return
    assert code in (1, 2)
    assert output == ""
    (line,) = errors.splitlines()
    assert line.startswith("error: ")
    assert names_extra(line, extra)


def test_threads_report_one_line(environment):
    done = run(environment, "imagemood", "classify", "https://example.org/a.jpg", "https://example.org/b.jpg")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert names_extra(line, "web")


def test_every_module_and_public_name(environment):
    done = run(environment, "python", "-c", IMPORTS)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["imagemood.api"] is None
    for name, message in found.items():
        assert message is None or any(names_extra(message, extra) for extra in _extras.MODULES), name
    assert names_extra(found["imagemood.learning.train"], "train")


def test_calls(environment):
    found = json.loads(run(environment, "python", "-c", CALL, given=[*CALLS]).stdout)
    for call, extra in CALLS.items():
        assert found[call] is None if extra is None else names_extra(found[call], extra), call
