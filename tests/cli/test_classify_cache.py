from __future__ import annotations

import shutil

import pytest

from imagemood.prediction.cascade import Cascade
from tests.cli.commands import run, run_failing


def test_a_second_run_needs_no_model_and_has_the_same_output(photos, tmp_path, monkeypatch):
    shutil.copytree(photos, tmp_path / "photos")
    arguments = ("classify", "photos", "--format")
    for output_format in ("json", "csv", "table"):
        plain = run(*arguments, output_format, cwd=tmp_path)
        assert run(*arguments, output_format, "--cache", "cache", cwd=tmp_path) == plain
        with monkeypatch.context() as context:
            context.setattr(Cascade, "load", pytest.fail)
            assert run(*arguments, output_format, "--cache", "cache", cwd=tmp_path) == plain
    affect = ("csv", "--affect", "--top", 2)
    assert run(*arguments, *affect, "--cache", "cache", cwd=tmp_path) == run(*arguments, *affect, cwd=tmp_path)


def test_new_and_damaged_pictures(photos, tmp_path):
    shutil.copy(photos / "rocket.jpg", tmp_path)
    run("classify", tmp_path, "--cache", tmp_path / "cache")
    shutil.copy(photos / "coffee.png", tmp_path)
    (tmp_path / "empty.jpg").touch()
    plain = run("classify", tmp_path)
    for _ in range(2):
        assert run("classify", tmp_path, "--cache", tmp_path / "cache") == plain
    assert plain.returncode == 1


def test_a_file_that_is_not_a_cache(photos, tmp_path):
    picture = shutil.copy(photos / "rocket.jpg", tmp_path)
    run_failing("classify", photos, "--cache", picture, code=2, message="rocket.jpg: is not a cache of imagemood")
    run_failing("classify", picture, "--cache", picture, code=2, message="rocket.jpg: is an input of this command")


@pytest.mark.parametrize("option", [("--tags", 2), ("--explain",), ("--heatmap", "map.png")])
def test_options_that_need_more_than_moods(photos, tmp_path, option):
    run_failing(
        "classify", photos, "--cache", tmp_path / "cache", *option, code=2, message="the cache holds moods only"
    )
