from __future__ import annotations

import json

import pytest
from google.protobuf import json_format

from imagemood import tables
from imagemood.models.tagger import Tagger
from imagemood.pictures import samples
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from tests.cli.commands import run, run_failing


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "new" / "samples"
    completed = run("samples", "-o", folder)
    assert (completed.returncode, completed.stdout) == (0, b"")
    return folder


@pytest.mark.parametrize("sample", samples.all_samples(), ids=lambda sample: sample.path.stem)
def test_each_sample_has_its_messages(folder, sample):
    path = folder / sample.mood / sample.path.name
    content = path.read_bytes()
    assert content == sample.path.read_bytes()
    image = Image.FromString(path.with_suffix(".Image.bin").read_bytes())
    assert (image.mime_type, image.image_binary) == ("image/jpeg", content)

    message = ImageTagSet.FromString(path.with_suffix(".ImageTagSet.bin").read_bytes())
    assert {row.tag for row in message.ImageTags} == set(Tagger.load().labels)
    scores = [row.score for row in message.ImageTags]
    assert scores == sorted(scores, reverse=True)
    assert {row.image for row in message.ImageTags} == {0}
    assert sum(scores) == pytest.approx(1, abs=1e-3)
    text = path.with_suffix(".json").read_text("utf-8")
    assert json_format.Parse(text, ImageTagSet()) == message
    assert json.loads(text)["ImageTags"][0].keys() == {"image", "tag", "score"}
    rows = tables.read(path.with_suffix(".csv")).table.to_pylist()
    assert [(row["image"], row["tag"]) for row in rows] == [(row.image, row.tag) for row in message.ImageTags]
    assert [row["score"] for row in rows] == pytest.approx(scores)


def test_the_credits_are_written_too(folder):
    assert (folder / "CREDITS.md").read_bytes() == samples.CREDITS.read_bytes()
    n_files = sum(path.is_file() for path in folder.rglob("*"))
    assert n_files == 1 + 5 * len(samples.all_samples())


def test_the_other_commands_read_the_files(folder):
    picture = run("classify", folder / "awe" / "alps.jpg", "--format", "json").stdout
    assert json.loads(picture)["moods"].keys() >= {"awe"}
    moods = run("mood", folder / "awe" / "alps.csv").stdout.decode()
    assert len(moods.splitlines()) == 1 + 8


def test_other_files_in_the_folder_are_kept(tmp_path):
    (tmp_path / "awe").mkdir()
    (tmp_path / "awe" / "mine.txt").write_text("mine")
    (tmp_path / "awe" / "alps.csv").write_text("older")
    assert run("samples", "-o", tmp_path).returncode == 0
    assert (tmp_path / "awe" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "awe" / "alps.csv").read_text().startswith("image,tag,score")


def test_a_file_cannot_be_the_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    message = f"{tmp_path / 'file'}: is a file, not a folder"
    run_failing("samples", "-o", tmp_path / "file", code=2, message=message)
