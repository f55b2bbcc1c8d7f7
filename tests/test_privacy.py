"""Nothing leaves the machine, no other program is started, and files are written only where the user wants them.

This applies to all dependencies, whose new versions might send reports or write caches.
"""

from __future__ import annotations

import os
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from imagemood._usage_reports import VARIABLES
from imagemood.acumos.dump import BundleOptions, dump
from tests.bulk.conftest import write_photos
from tests.cli.test_app import NAMES
from tests.learning.datasets import imitations
from tests.observing import Observer, can_trace, child_of
from tests.pictures.pixels.file_formats.media import video
from tests.serve.serving import free_port

TRAINING = ("--images", "photos", "--algorithm", "logistic")
# In this order, since commands use the output of earlier ones.
COMMANDS = {
    "train": (*TRAINING, "-o", "model"),
    "classify": ("holiday", "--explain", "--heatmap", "maps", "--decode-timeout", "20", "-o", "moods.json"),
    "classify --model model": ("holiday",),
    "tag": ("holiday", "-o", "tags.csv.gz"),
    "features": ("holiday", "-o", "features.parquet"),
    "mood": ("tags.csv.gz", "-o", "moods.csv"),
    "search": ("holiday", "--mood", "awe"),
    "similar": ("holiday/000.jpg", "holiday"),
    "cluster": ("photos", "-o", "albums.csv"),
    "album": ("holiday", "-o", "holiday.html"),
    "timeline": ("film.mp4", "--plot", "film.svg"),
    "bulk": ("photos", "-o", "dataset"),
    "gallery": ("dataset", "-o", "dataset.html"),
    "evaluate": (*TRAINING, "--folds", "2", "--report", "report", "--work", "folds"),
    "compare": (*TRAINING, "--inputs", "tags", "--folds", "2", "-o", "comparison.json"),
    "reproduce": ("--images", "testImages_artphoto"),
    "summary": ("5", "--example"),
    "info": (),
    "demo": (),
    "samples": ("-o", "samples"),
    "page": ("-o", "page"),
    "tagger export": ("timm/test_efficientnet", "--random-weights", "-o", "tagger"),
    "acumos dump": ("--model", "tags", "-o", "bundle"),
}
USE_OF_THE_PACKAGE = """
import imagemood
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.tables import Labels

picture = "holiday/000.jpg"
assert imagemood.classify(picture).mood
assert imagemood.classify(picture, model="tags").mood
cascade = imagemood.Cascade.load()
assert len(list(cascade.classify_many(["holiday/001.jpg", open(picture, "rb").read()]))) == 2
tags = imagemood.TagSet.from_rows([0, 1, 2, 3], ["cat", "shark", "cat", "shark"], [1.0, 1.0, 0.5, 0.5])
labels = Labels(["joy", "fear", "joy", "fear"])
training_set = TrainingSet.from_rows(tags, labels)
for name, parameters in (("boosting", {"max_iter": 2}), ("rf", {"n_estimators": 2}), ("knn", {"n_neighbors": 2})):
    estimator = train(training_set, Recipe(name, parameters)).estimator
    estimator.predict_proba(training_set.features)
"""
USE_OF_THE_RUNNER = """
import sys
sys.path.insert(0, "scripts/user_provided")
import imagemood_runner
assert "imagemood" not in sys.modules
classify = imagemood_runner.make_picture_classifier()
with open("holiday/000.jpg", "rb") as file:
    assert len(classify(imagemood_runner.Image("image/jpeg", file.read())).ImageTags) == 8
"""
PROXY = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
"""A proxy that does not exist, so that the libraries do not send the reports that they are observed to prepare."""


@pytest.fixture
def observer(tmp_path):
    return Observer(tmp_path)


@pytest.fixture(autouse=True)
def report_missing_strace(request):
    """Skip a test at its end if native code was not observed; in CI, this makes the test fail."""
    yield
    if not can_trace() and sys.platform == "linux":
        pytest.skip("native code was not observed: install strace, and allow it to trace processes")


def test_all_commands_are_observed():
    exceptions = {"finetune", "write-xmp"}  # start a compiler and ExifTool, as docs/privacy.md says
    assert {name.split(" --")[0] for name in COMMANDS} | {"serve", "acumos push"} | exceptions == set(NAMES)


@pytest.mark.long
def test_commands(observer):
    write_photos(observer.work / "holiday", 2)
    for mood in ("calm", "joy"):
        write_photos(observer.work / "photos" / mood, 5, seed=len(mood))
    imitations.art_photo(observer.work, n=5)
    (observer.work / "film.mp4").write_bytes(video())
    problems = {}
    for name, arguments in COMMANDS.items():
        observation = observer.run("-m", "imagemood", *name.split(), *arguments)
        problems |= {f"imagemood {name}: {kind}": events for kind, events in observation.problems.items()}
    assert not problems
    given = {"film.mp4", "holiday", "photos", "testImages_artphoto"}
    assert {path.name for path in observer.work.iterdir()} - given == {
        "albums.csv", "bundle", "comparison.json", "dataset", "dataset.html", "features.parquet", "film.svg",
        "folds", "holiday.html", "imagemood-work",
        "maps", "model", "moods.csv", "moods.json", "page", "report", "samples", "tagger",
        "tags.csv.gz",
    }  # fmt: skip


def test_the_service(observer):
    """Two workers, and their processes for decoding; the only socket listens on the loopback interface."""
    (photo,) = write_photos(observer.work, 1).glob("*.jpg")
    port = free_port()
    arguments = ("-m", "imagemood", "serve", "--port", port, "--workers", 2)
    with observer.start(*arguments) as (process, observation):
        assert process.stderr.readline() == f"serving at http://127.0.0.1:{port} (Ctrl+C stops)\n"
        request = {"content": photo.read_bytes(), "headers": {"Content-Type": "image/jpeg"}}
        assert httpx.post(f"http://127.0.0.1:{port}/v1/moods", **request, timeout=60).status_code == 200
        child_of(process).terminate()
    assert process.returncode == 0
    assert_only_loopback(observation, port)


def test_a_bundle_is_sent_only_to_the_given_address(observer):
    observer.run("-m", "imagemood", "acumos", "dump", "--model", "tags", "-o", "bundle")
    port = free_port()
    arguments = ("-m", "imagemood", "acumos", "push", "bundle", "-a", f"http://127.0.0.1:{port}/models")
    observation = observer.run(*arguments, code=1, env={"ACUMOS_TOKEN": "a-token"})
    assert_only_loopback(observation, port)


def assert_only_loopback(observation, port):
    """Check that the only address is a port of the loopback interface; glibc may also ask its service nscd."""
    addresses = {
        event for event in observation.network if not event.startswith("socket(") and "/nscd/" not in event
    }
    assert addresses
    assert not {event for event in addresses if "127.0.0.1" not in event or str(port) not in event}
    assert not observation.files
    assert not observation.programs


def test_the_python_package(observer):
    write_photos(observer.work / "holiday", 2)
    assert observer.run("-c", USE_OF_THE_PACKAGE).problems == {}


def test_the_runner_of_a_bundle(observer):
    write_photos(observer.work / "holiday", 1)
    dump(observer.work / "bundle", options=BundleOptions(kind="cascade"))
    with zipfile.ZipFile(observer.work / "bundle" / "model.zip") as bundle:
        bundle.extractall(observer.work)
    assert observer.run("-c", USE_OF_THE_RUNNER).problems == {}


def test_onnxruntime_writes_files_unless_the_package_was_imported_before(observer):
    """If versions since 1.29 stop writing files here, the other tests may be unable to fail."""
    if can_trace():
        files = observer.run("-c", "import onnxruntime", env=PROXY).files
        expected = tuple(map(int, version("onnxruntime").split(".")[:2])) >= (1, 29)
        assert any(path.endswith("/deviceid") for path in files) == expected
    assert observer.run("-c", "import imagemood, onnxruntime").problems == {}


def test_daft_sends_reports_unless_the_package_was_imported_before(observer):
    assert observer.run("-c", "import daft", env=PROXY).network
    assert observer.run("-c", "import imagemood, daft").problems == {}


ATTEMPTS_IN_PYTHON = """
import os, pathlib, socket, subprocess
for attempt in (
    lambda: (pathlib.Path.home() / "cache").write_text(""),
    lambda: (pathlib.Path.home() / "folder").mkdir(),
    lambda: subprocess.run(["absent-program"]),
    lambda: socket.create_connection(("127.0.0.1", 9), timeout=5),
):
    try:
        attempt()
    except OSError:
        pass
"""
ATTEMPTS_IN_NATIVE_CODE = """
import ctypes, os, struct
libc = ctypes.CDLL(None)
home = os.environ["HOME"].encode()
libc.open(home + b"/cache", os.O_WRONLY | os.O_CREAT, 0o600)
libc.mkdir(home + b"/folder", 0o700)
libc.execl(b"/absent-program", b"absent-program", None)
address = struct.pack("=HHI8x", 2, 2304, 16777343)  # AF_INET, port 9, 127.0.0.1
libc.connect(libc.socket(2, 1, 0), address, len(address))
"""


def test_what_python_code_does_is_observed(observer):
    assert_attempts_are_seen(observer, ATTEMPTS_IN_PYTHON)


def test_what_native_code_does_is_observed(observer):
    if can_trace():
        assert_attempts_are_seen(observer, ATTEMPTS_IN_NATIVE_CODE)


def assert_attempts_are_seen(observer, code):
    observation = observer.run("-c", code)
    assert observation.files >= {str(observer.home / name) for name in ("cache", "folder")}
    assert any("absent-program" in program for program in observation.programs)
    assert any("127.0.0.1" in event for event in observation.network)


def test_files_left_in_the_temporary_folder_are_observed(observer):
    observation = observer.run("-c", "import tempfile; tempfile.mkdtemp(prefix='left')")
    assert len(observation.files) == 1
    assert next(iter(observation.files)).startswith("left behind: ")


def test_the_variables_are_not_set_by_the_tests(observer):
    """Otherwise the tests above would not see what happens without the package."""
    script = f"import os; assert not {set(VARIABLES)} & set(os.environ) and 'CI' not in os.environ"
    assert observer.run("-c", script).problems == {}
    assert Path(os.environ.get("HOME", "~")) != observer.home
