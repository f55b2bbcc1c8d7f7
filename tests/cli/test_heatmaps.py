from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest

from imagemood.cli import heatmaps
from imagemood.errors import InputError
from imagemood.pictures import decoding
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result
from tests.cli.commands import run


def test_a_heat_map_is_blended_with_the_picture(photos, tmp_path):
    photo = photos / "chelsea.png"
    assert run("classify", photo, "--heatmap", tmp_path / "map.png").returncode == 0
    with PIL.Image.open(tmp_path / "map.png") as blended, PIL.Image.open(photo) as plain:
        assert blended.size == plain.size
        difference = np.abs(np.asarray(blended.convert("RGB"), int) - np.asarray(plain.convert("RGB"), int))
    assert difference.max() > 50
    assert difference.min() == 0
    done = run("classify", "-", "--heatmap", tmp_path / "piped.png", stdin=photo.read_bytes())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "piped.png").read_bytes() == (tmp_path / "map.png").read_bytes()


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


def test_no_heat_maps_are_requested():
    assert heatmaps.write([Result("a.jpg")], {}, decoding.decode) == 0
