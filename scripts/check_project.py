"""Check the project's own rules: length of modules, start-up time, version numbers, contents of the wheel."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 260
MAX_STARTUP_S = 0.3
MAX_STARTUP_RATIO = 6  # on slow or busy machines: the time that Typer and Rich need, times this number
MAX_WHEEL_MB = 25
REQUIRED_IN_WHEEL = (
    "imagemood/builtin/network.onnx",
    "imagemood/builtin/network.json",
    "imagemood/builtin/moods/model.onnx",
    "imagemood/builtin/moods/metadata.json",
    "imagemood/builtin/tags_moods/model.onnx",
    "imagemood/builtin/tags_moods/metadata.json",
    "imagemood/builtin/example.parquet",
    "imagemood/builtin/example_labels.csv",
    "imagemood/finetuning/depthwise.cpp",
    "imagemood/keywords/exiftool.config",
    "imagemood/py.typed",
    "imagemood/serve/static/index.html",
    "imagemood/serve/static/standalone/index.html",
)
SAMPLES = "imagemood/pictures/sample_pictures/"
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


def long_modules() -> list[str]:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("src", "scripts", "training", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if not path.name.endswith("_pb2.py")
    }
    return [
        f"{path.relative_to(ROOT)} has {n} lines; the maximum is {MAX_LINES}"
        for path, n in sorted(lengths.items())
        if n > MAX_LINES
    ]


def slow_startup() -> list[str]:
    libraries, command = ["-c", "import rich.console, rich.table, typer"], ["-m", "imagemood", "--help"]
    pairs = [(_cpu_seconds(libraries), _cpu_seconds(command)) for _ in range(7)]
    # Other processes only ever add time, so the minimum is closest to the true cost.
    reference, best = (min(seconds) for seconds in zip(*pairs, strict=True))
    limit = max(MAX_STARTUP_S, MAX_STARTUP_RATIO * reference)
    if best > limit:
        return [f"imagemood --help takes {best:.2f} s of CPU time; the maximum is {limit:.2f} s"]
    return []


def _cpu_seconds(arguments: list[str]) -> float:
    """Return the CPU time of a Python process."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def mismatched_versions() -> list[str]:
    """Return the files that state another version than the package, whose module is where the version is set."""
    package = _version("src/imagemood/__init__.py", r'__version__ = "(.+)"')
    stated = {
        "the newest entry of CHANGELOG.md": _version("CHANGELOG.md", r"^## (\d\S+)"),
        "CITATION.cff": _version("CITATION.cff", r"^version: (\S+)"),
    }
    return [
        f"version {package} of the package does not match {place}, {version}"
        for place, version in stated.items()
        if version != package
    ]


def _version(file: str, pattern: str) -> str | None:
    found = re.search(pattern, (ROOT / file).read_text("utf-8"), re.MULTILINE)
    return found and found[1]


def wrong_wheel_contents() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, str(ROOT)]
        subprocess.run(build, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        return wrong_contents(wheel)


def wrong_contents(wheel: Path) -> list[str]:
    names = zipfile.ZipFile(wheel).namelist()
    size_mb = wheel.stat().st_size / 1e6
    problems = [f"the wheel lacks {name}" for name in REQUIRED_IN_WHEEL if name not in names]
    pictures = [name for name in names if name.lower().endswith(PICTURE_SUFFIXES) and not name.startswith(SAMPLES)]
    problems += [f"the wheel contains a picture: {name}" for name in pictures]
    foreign = [name for name in names if not name.startswith(("imagemood/", "image_mood_classifier-"))]
    problems += [f"the wheel contains a foreign file: {name}" for name in foreign]
    if size_mb > MAX_WHEEL_MB:
        problems.append(f"the wheel has {size_mb:.1f} MB; the maximum is {MAX_WHEEL_MB} MB")
    return problems


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    problems = [*long_modules(), *mismatched_versions(), *slow_startup(), *wrong_wheel_contents()]
    for problem in problems:
        print(f"check: {problem}", file=sys.stderr)
    sys.exit(bool(problems))
