from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import imagemood

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(imagemood.__path__, "imagemood.")
    if not module.name.endswith(("_pb2", "__main__"))
)


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name):
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} does not say what it is"
    assert doctest.testmod(module).failed == 0


def test_every_public_name_is_there_documented_and_in_the_readme():
    for name in imagemood.__all__:
        assert getattr(imagemood, name).__doc__
        assert f"`{name}`" in README or f"imagemood.{name}" in README, f"README.md does not name {name}"
    assert set(imagemood.__all__) <= set(dir(imagemood))
    with pytest.raises(AttributeError, match="no attribute 'frown'"):
        _ = imagemood.frown


def test_every_module_of_a_public_door_says_what_it_raises():
    """Public functions of the doors' own modules have numpydoc sections for what they take and give."""
    for name in ("classify", "load_model"):
        text = getattr(imagemood, name).__doc__
        assert "Parameters\n" in text
        assert "Returns\n" in text
        assert "Raises\n" in text


@pytest.fixture(scope="module")
def holiday(sample_photos, tmp_path_factory):
    """A folder in which README.md's commands find the files they name."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "holiday").mkdir()
    (folder / "more" / "deep").mkdir(parents=True)
    for name, target in (
        ("rocket.jpg", "photo.jpg"),
        ("coffee.png", "holiday/coffee.png"),
        ("chelsea.png", "holiday/chelsea.png"),
        ("astronaut.png", "more/deep/astronaut.png"),
    ):
        (folder / target).write_bytes((sample_photos / name).read_bytes())
    return folder


def commands(page):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("imagemood ")]


@pytest.mark.parametrize(
    ("page", "n_commands"), [("README.md", 13), ("docs/demonstration.md", 4), ("docs/deployment.md", 3)]
)
def test_commands_of_the_pages_run_in_order(holiday, page, n_commands):
    assert len(commands(page)) >= n_commands
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands(page):
        done = subprocess.run(
            command,
            shell=True,
            cwd=holiday,
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": path},
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_readme_python_runs(holiday):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=holiday, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "holiday/chelsea.png" in done.stdout


def test_every_option_is_in_the_reference():
    reference = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for option in (
        "--top",
        "--tags",
        "--format",
        "--model",
        "--tagger",
        "--device",
        "--index",
        "--labels",
        "--folds",
        "--seed",
    ):
        assert option in reference
    for command in ("classify", "tag", "mood", "train", "evaluate", "summary", "info", "demo", "acumos push"):
        assert f"## `imagemood {command}`" in reference


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))])
def test_links_within_the_project_lead_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert ((ROOT / page).parent / link).exists(), link


def test_samples_in_the_readme_are_those_of_the_demo():
    from imagemood.pictures import samples

    for sample in samples.all_samples():
        (row,) = (line for line in README.splitlines() if line.startswith(f"| {sample.title} |"))
        assert sample.licence in row
