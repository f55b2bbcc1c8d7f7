from __future__ import annotations

import json
import shutil

import pytest

from tests.bulk.conftest import write_photos
from tests.cli.commands import run, run_failing, run_process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with 12 small photos, a copy and an empty file in ``photos``, and their dataset in ``moods``."""
    folder = tmp_path_factory.mktemp("similar")
    write_photos(folder / "photos", 12)
    shutil.copy(folder / "photos" / "003.jpg", folder / "photos" / "copy.jpg")
    (folder / "photos" / "empty.jpg").touch()
    assert run_process("bulk", "photos", "-o", "moods", "--embedding", cwd=folder).returncode == 1
    return folder


@pytest.mark.parametrize("by", ["mood", "content", "both"])
def test_a_folder_and_its_dataset_give_the_same_pictures(folder, by):
    arguments = ("--by", by, "--top", 4, "--format", "json")
    found = {}
    for source in ("photos", "moods"):
        done = run("similar", "photos/003.jpg", source, *arguments, cwd=folder)
        assert done.returncode == (source == "photos")
        assert done.stderr == (b"error: photos/empty.jpg: empty file\n" if source == "photos" else b"")
        found[source] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["path"] for row in found["photos"]] == [row["path"] for row in found["moods"]]
    first = found["moods"][0]
    assert list(first) == ["path", "similarity", "mood", "valence", "arousal"]
    assert first["path"] == "photos/copy.jpg"
    assert first["similarity"] > 0.999
    assert len(found["moods"]) == 4


def test_a_table_and_csv(folder, tmp_path):
    lines = run("similar", "photos/003.jpg", "moods", "--top", 2, cwd=folder).stdout.decode().splitlines()
    assert lines[0].split() == ["path", "similarity", "mood"]
    assert lines[1].split()[:2] == ["photos/copy.jpg", "100.0%"]
    assert run("similar", "photos/003.jpg", "moods", "-o", tmp_path / "a.csv", cwd=folder).returncode == 0
    assert (tmp_path / "a.csv").read_text().startswith("path,similarity,mood,valence,arousal\nphotos/copy.jpg,")


@pytest.mark.parametrize("source", ["photos", "./photos", "linked", "moods"])
@pytest.mark.parametrize("query", ["photos/003.jpg", "./photos/../photos/003.jpg", "linked/003.jpg", "file://{}"])
def test_the_picture_itself_is_left_out_however_its_path_is_written(folder, query, source):
    linked = folder / "linked"
    if not linked.exists():
        linked.symlink_to("photos")
    query = query.format(folder / "photos" / "003.jpg")
    done = run("similar", query, source, "--top", 20, "--format", "json", cwd=folder)
    found = [json.loads(line)["path"].rpartition("/")[2] for line in done.stdout.splitlines()]
    assert found[0] == "copy.jpg"
    assert len(found) == 12
    assert "003.jpg" not in found


@pytest.mark.parametrize("source", ["photos/003.jpg", "./photos/003.jpg", "photos/003*"])
def test_no_other_picture_is_an_error(folder, source, monkeypatch):
    monkeypatch.chdir(folder)
    message = f"{source}: no other picture to compare with (give a folder with other pictures, or a dataset)"
    run_failing("similar", "photos/003.jpg", source, code=2, message=message)


def test_no_other_picture_can_be_classified(folder):
    done = run("similar", "photos/003.jpg", "photos/empty.jpg", "--format", "json", cwd=folder)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"error: photos/empty.jpg: empty file\n"


def test_standard_input_is_a_picture_but_not_a_collection(folder):
    content = (folder / "photos" / "003.jpg").read_bytes()
    done = run("similar", "-", "photos", "--top", 2, "--format", "json", stdin=content, cwd=folder)
    found = {json.loads(line)["path"] for line in done.stdout.splitlines()}
    assert found == {"photos/003.jpg", "photos/copy.jpg"}
    message = "-: standard input is one picture (use imagemood classify -)"
    for command in (
        ["similar", "-"],
        ["search", "--mood", "awe"],
        ["cluster"],
        ["album", "-o", folder / "a.html"],
    ):
        run_failing(*command, "-", code=2, message=message, stdin=content)
    assert not (folder / "a.html").exists()


def test_wrong_usage(folder, dataset_folder):
    hint = "contains no embeddings (write it with imagemood bulk --embedding, or use --by mood)"
    run_failing("similar", folder / "photos/003.jpg", dataset_folder / "moods", code=2, message=hint)
    done = run("similar", folder / "photos/003.jpg", dataset_folder / "moods", "--by", "mood")
    assert done.returncode == 0
    run_failing(
        *("similar", folder / "photos/003.jpg", folder / "moods", "--model", "tags"),
        code=2,
        message="the dataset was written with other models",
    )
    run_failing("similar", folder / "absent.jpg", folder / "moods", code=2, message="absent.jpg: No such file")
