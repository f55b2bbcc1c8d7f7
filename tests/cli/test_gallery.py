from __future__ import annotations

import shutil

import pytest

from tests.cli.commands import run, run_failing


def test_the_page_shows_the_selected_moods(dataset_folder, tmp_path):
    page = tmp_path / "page.html"
    arguments = ("--mood", "awe", "--mood", "fear", "--top", 3)
    completed = run("gallery", "moods", "-o", page, *arguments, cwd=dataset_folder)
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, b"", b"")
    text = page.read_text("utf-8")
    assert [f'<h2 id="{mood}">' in text for mood in ("awe", "fear", "anger")] == [True, True, False]
    assert text.count("<img src=") == 6


def test_the_page_on_standard_output(dataset_folder):
    completed = run("gallery", "moods", "-o", "-", "--mood", "awe", "--top", 1, cwd=dataset_folder)
    assert (completed.returncode, completed.stderr) == (0, b"")
    assert completed.stdout.rstrip().endswith(b"</html>")


def test_pictures_that_can_no_longer_be_read_are_counted(dataset_folder, tmp_path):
    shutil.copytree(dataset_folder / "moods", tmp_path / "moods")
    info = (tmp_path / "moods" / "_imagemood.json").read_text("utf-8")
    (tmp_path / "moods" / "_imagemood.json").write_text(info.replace(str(dataset_folder), str(tmp_path)), "utf-8")
    completed = run("gallery", "moods", "-o", "page.html", "--mood", "awe", "--top", 2, cwd=tmp_path)
    assert completed.returncode == 0
    assert completed.stderr == b"warning: 2 pictures can no longer be read and are shown without a thumbnail\n"
    assert (tmp_path / "page.html").read_text("utf-8").count("no longer readable") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("photos", "-o", "x.html"), "error: photos: not a dataset of moods (write one with imagemood bulk)"),
        (("moods", "-o", "absent/x.html"), "error: absent/x.html: cannot be written"),
        (("moods", "-o", "x.html", "--mood", "joy"), "error: unknown mood 'joy'"),
        (("moods", "-o", "x.html", "--top", "0"), "--top"),
        (("moods",), "Missing option"),
    ],
)
def test_wrong_usage(dataset_folder, monkeypatch, arguments, message):
    monkeypatch.chdir(dataset_folder)
    run_failing("gallery", *arguments, code=2, message=message)
    assert not (dataset_folder / "x.html").exists()
