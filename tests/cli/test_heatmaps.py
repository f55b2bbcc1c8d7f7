from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.cli import heatmaps
from imagemood.errors import InputError
from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels import decoding
from imagemood.prediction.result import Result
from tests.cli.commands import run


def test_a_heat_map_is_blended_with_the_picture_above_a_legend(photos, tmp_path):
    photo = photos / "chelsea.png"
    assert run("classify", photo, "--heatmap", tmp_path / "map.png").returncode == 0
    with PIL.Image.open(tmp_path / "map.png") as blended, PIL.Image.open(photo) as plain:
        assert blended.width == plain.width
        assert blended.height > plain.height + 40
        above = np.asarray(blended.convert("RGB"), int)[: plain.height]
        difference = np.abs(above - np.asarray(plain.convert("RGB"), int))
    assert difference.max() > 50
    assert difference.min() == 0
    done = run("classify", "-", "--heatmap", tmp_path / "piped.png", stdin=photo.read_bytes())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "piped.png").read_bytes() == (tmp_path / "map.png").read_bytes()


def test_heat_maps_are_not_written_to_standard_output(photos, tmp_path):
    done = run("classify", photos / "coffee.png", "--heatmap", "-", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: -: standard output contains the moods (give a folder or a .png file)\n"
    assert os.listdir(tmp_path) == []


def test_pictures_of_the_same_name_get_different_files(photos, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "coffee.png").write_bytes((photos / "coffee.png").read_bytes())
    (tmp_path / "a" / "broken.jpg").write_text("not a picture")
    done = run("classify", tmp_path / "a", tmp_path / "b", "--heatmap", tmp_path / "maps")
    assert done.returncode == 1
    assert b"broken.jpg: unsupported image format" in done.stderr
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["coffee-2.png", "coffee.png"]


def cascade(tagger_moods, moods=("awe", "fear")):
    """A stand-in for the parts of a cascade that decide whether there are heat maps."""
    card = SimpleNamespace(name="mine", mood_labels=tagger_moods)
    return SimpleNamespace(
        tagger=SimpleNamespace(card=card), require_mood_classifier=lambda: SimpleNamespace(labels=moods)
    )


def pictures(*names):
    return [Picture.from_bytes(b"", name=name) for name in names]


@pytest.mark.parametrize(
    ("tagger_moods", "message"),
    [
        ((), "the tagger 'mine' has no heat maps (omit --heatmap)"),
        (("joy", "calm"), "the tagger 'mine' has heat maps of joy, calm only (omit --heatmap)"),
    ],
)
def test_taggers_without_heat_maps_of_the_moods(tagger_moods, message):
    with pytest.raises(InputError) as caught:
        heatmaps.targets(pictures("a.jpg"), Path("maps"), cascade(tagger_moods))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("names", "path", "files"),
    [
        (["a.jpg"], "x.png", ["x.png"]),
        (["a.jpg"], "x.PNG", ["x.PNG"]),
        (["a.jpg"], "maps", ["maps/a.png"]),
        (["-", "b/a.jpg"], "maps", ["maps/stdin.png", "maps/a.png"]),
        (["b/a.jpg", "c/a.png", "d/a.gif"], "maps", ["maps/a.png", "maps/a-2.png", "maps/a-3.png"]),
    ],
)
def test_the_file_of_each_heat_map(names, path, files):
    found = heatmaps.targets(pictures(*names), Path(path), cascade(("awe",)))
    assert [picture.name for picture, _ in found.values()] == names
    assert [str(file) for _, file in found.values()] == files


@pytest.mark.parametrize(
    ("names", "path", "message"),
    [
        (["a.jpg", "b.jpg"], "x.png", "x.png: one file for 2 pictures"),
        (["a.jpg"], "x.jpg", "x.jpg: not a PNG file"),
        (["a.jpg", "b.jpg"], "x.gif", "x.gif: not a PNG file"),
    ],
)
def test_files_that_cannot_have_the_heat_maps(names, path, message):
    with pytest.raises(InputError) as caught:
        heatmaps.targets(pictures(*names), Path(path), cascade(("awe",)))
    assert str(caught.value) == f"{message} (give a folder, or one picture and a .png file)"


def test_every_picture_has_its_own_file_on_every_file_system(tmp_path):
    composed, decomposed = "é.jpg", "e\u0301.jpg"
    names = [
        "a/sea.jpg",
        "b/Sea.png",
        "c/SEA.gif",
        "sea-2.jpg",
        "d/sea.tif",
        "ß.jpg",
        "ss.jpg",
        composed,
        decomposed,
    ]
    found = heatmaps.targets(pictures(*names), tmp_path / "maps", cascade(("awe",)))
    files = [path.name for _, path in found.values()]
    assert files == [
        "sea.png",
        "Sea-3.png",
        "SEA-4.png",
        "sea-2.png",
        "sea-5.png",
        "ß.png",
        "ss-2.png",
        "é.png",
        "e\u0301-2.png",
    ]
    assert list(found) == names
    assert heatmaps.targets(pictures(*names), tmp_path / "maps", cascade(("awe",))).keys() == found.keys()


@given(st.lists(st.text(alphabet="aAéE\u0301ß-2./", min_size=1, max_size=6), unique=True))
def test_stems_are_distinct(names):
    stems = heatmaps.distinct_stems(names)
    assert set(stems) == set(names)
    assert len({unicodedata.normalize("NFKD", stem.upper()).upper() for stem in stems.values()}) == len(names)
    assert not any("/" in stem or not stem for stem in stems.values())


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("https://example.org/a%20b.jpg?size=large&path=x/y.png#top", "a%20b"),
        ("https://example.org/?id=7", "example"),
        ("shots.parquet#17", "shots#17"),
        ("s3://bucket/list.v2.csv.gz#3", "list#3"),
        ("photo#3.jpg", "photo#3"),
        ("photo.jpg#3", "photo"),
        (".hidden", ".hidden"),
        ("-", "stdin"),
        ("ü" * 200 + ".jpg", "ü" * 100),
    ],
)
def test_stems_of_special_names(name, stem):
    assert heatmaps.distinct_stems([name]) == {name: stem}


def test_a_folder_may_have_a_name_like_a_file(tmp_path):
    (tmp_path / "maps.png").mkdir()
    found = heatmaps.targets(pictures("a.jpg"), tmp_path / "maps.png", cascade(("awe",)))
    assert [path for _, path in found.values()] == [tmp_path / "maps.png" / "a.png"]


def test_one_heat_map_may_be_written_to_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = heatmaps.targets(pictures("a.jpg"), tmp_path / "pipe", cascade(("awe",)))
    assert [path for _, path in found.values()] == [tmp_path / "pipe"]
    with pytest.raises(InputError, match="pipe: one file for 2 pictures"):
        heatmaps.targets(pictures("a.jpg", "b.jpg"), tmp_path / "pipe", cascade(("awe",)))


@pytest.mark.parametrize("target", ["a.png", ".", "link", "linked.png"])
def test_a_picture_is_never_replaced_by_its_heat_map(tmp_path, target):
    (tmp_path / "a.png").write_bytes(b"photo")
    (tmp_path / "link").symlink_to(".")
    os.link(tmp_path / "a.png", tmp_path / "linked.png")
    with pytest.raises(InputError, match=r"\.png: is an input of this command \(choose another output file\)"):
        heatmaps.targets(pictures(str(tmp_path / "a.png")), tmp_path / target, cascade(("awe",)))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("file/maps", "cannot be written: Not a directory"),
        ("file/map.png", "cannot be written: Not a directory"),
        ("loop/map.png", "cannot be written: Too many levels of symbolic links"),
        ("x" * 300, "cannot be written: File name too long"),
    ],
)
def test_folders_that_cannot_be_written_are_found_before_the_work(tmp_path, path, message):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match=message):
        heatmaps.targets(pictures("a.jpg"), tmp_path / path, cascade(("awe",)))


def test_no_heat_maps_are_requested():
    assert heatmaps.write([Result("a.jpg")], {}, decoding.decode) == 0
