"""The module that is copied into bundles, imported directly and compared with imagemood."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import imagemood
from imagemood import builtin
from imagemood.acumos import runner
from imagemood.acumos.runner import Image, ImageTag, ImageTagSet
from imagemood.models import model_directory
from imagemood.pictures.pixels import decoding
from tests.corpus.hostile_models import write_model, write_tagger
from tests.corpus.hostile_networks import MOODS, SCORES, wrong_values

BAD_PICTURES = sorted((Path(__file__).parents[1] / "corpus" / "bad").iterdir())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files that a bundle of kind "cascade" has next to the runner."""
    folder = tmp_path_factory.mktemp("runner")
    for name, content in model_directory.read_files("default").items():
        (folder / name).write_bytes(content)
    for name in ("network.onnx", "network.json"):
        shutil.copy(builtin.path(name), folder / name)
    return folder


@pytest.fixture(scope="module")
def rows_folder(tmp_path_factory):
    """The files that a bundle of kind "moods" has next to the runner."""
    folder = tmp_path_factory.mktemp("rows")
    for name, content in model_directory.read_files("tags").items():
        (folder / name).write_bytes(content)
    return folder


def request(*rows):
    return ImageTagSet([ImageTag(*row) for row in rows])


@pytest.mark.parametrize("name", ["runner.py", "runner_pictures.py"])
def test_the_runner_is_python_3_6_and_does_not_import_imagemood(name):
    source = Path(runner.__file__).with_name(name).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name.startswith("imagemood")]
    assert "__future__" not in imported


def test_mood_rows_have_the_images_in_order_and_descending_scores(rows_folder):
    classify = runner.make_row_classifier(rows_folder)
    rows = classify(request((9, "volcano", 0.5), (2, "pier", 0.25), (9, "pier", 0.25))).ImageTags
    assert [row.image for row in rows] == [9] * 8 + [2] * 8
    for image_rows in (rows[:8], rows[8:]):
        scores = [row.score for row in image_rows]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1)


def test_duplicate_tags_of_an_image_are_added(rows_folder):
    classify = runner.make_row_classifier(rows_folder)
    duplicated = classify(request((0, "volcano", 0.25), (0, "volcano", 0.25)))
    assert duplicated == classify(request((0, "volcano", 0.5)))


def test_an_image_with_unknown_tags_only_gets_the_prior(rows_folder):
    rows = runner.make_row_classifier(rows_folder)(request((5, "yeti", 0.5))).ImageTags
    prior = json.loads((rows_folder / "metadata.json").read_text())["prior"]
    assert {row.tag: row.score for row in rows} == pytest.approx(prior)
    assert {row.image for row in rows} == {5}


def test_no_rows_give_no_rows(rows_folder):
    assert runner.make_row_classifier(rows_folder)(request()).ImageTags == []


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan"), float("inf"), -float("inf")])
def test_invalid_scores_are_rejected_with_the_number_of_the_row(rows_folder, score):
    with pytest.raises(ValueError, match=r"row 2: score .* is not a number from 0 to 1"):
        runner.make_row_classifier(rows_folder)(request((0, "pier", 0.5), (0, "volcano", score)))


def test_scores_may_exceed_one_by_rounding(rows_folder):
    assert len(runner.make_row_classifier(rows_folder)(request((0, "pier", 1 + 5e-7))).ImageTags) == 8


def test_the_tagger_scores_all_tags(folder, sample_photos):
    rows = runner.make_picture_tagger(folder)(
        Image("image/png", (sample_photos / "chelsea.png").read_bytes())
    ).ImageTags
    expected = imagemood.classify(sample_photos / "chelsea.png").tags
    assert {row.tag: row.score for row in rows} == pytest.approx(expected, abs=1e-6)
    assert [row.tag for row in rows][:5] == list(expected)[:5]


def test_tags_are_matched_by_name(folder, sample_photos, tmp_path):
    """A tagger that knows the tags under other names leaves the mood classifier without tags."""
    for path in folder.iterdir():
        shutil.copy(path, tmp_path / path.name)
    card = json.loads((tmp_path / "network.json").read_text())
    card["labels"] = [f"renamed {label}" for label in card["labels"]]
    (tmp_path / "network.json").write_text(json.dumps(card))
    photo = Image("image/png", (sample_photos / "chelsea.png").read_bytes())
    rows = runner.make_picture_classifier(tmp_path)(photo).ImageTags
    result = imagemood.classify(sample_photos / "chelsea.png")
    classifier = model_directory.load()
    probabilities = classifier.predict(np.zeros((1, 1000), dtype=np.float32), result.embedding[np.newaxis])[0]
    expected = dict(zip(classifier.labels, probabilities, strict=True))
    assert {row.tag: row.score for row in rows} == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("path", BAD_PICTURES, ids=lambda path: path.name)
def test_invalid_pictures_are_rejected(path):
    with pytest.raises(Exception, match="."):
        runner.decode(path.read_bytes(), 224)


def test_pictures_are_decoded_as_by_imagemood(sample_photos):
    for path in sorted(sample_photos.glob("*.[pj][np]g")):
        content = path.read_bytes()
        np.testing.assert_array_equal(runner.decode(content, 224), decoding.decode(content, size_px=224))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_pixel_formats_are_converted_as_by_imagemood(mode, image_format):
    rng = np.random.default_rng(0)
    if mode == "I;16":
        image = PIL.Image.fromarray(rng.integers(0, 2**16, (40, 60), dtype=np.uint16))
    else:
        image = PIL.Image.fromarray(rng.integers(0, 256, (40, 60, 4), dtype=np.uint8)).convert(mode)
    content = io.BytesIO()
    image.save(content, image_format)
    expected = decoding.decode(content.getvalue(), size_px=32)
    np.testing.assert_array_equal(runner.decode(content.getvalue(), 32), expected)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_progressive_jpeg_files_are_decoded_as_by_imagemood(sample_photos, mode):
    content = io.BytesIO()
    with PIL.Image.open(sample_photos / "coffee.png") as photo:
        photo.resize((1200, 900)).convert(mode).save(content, "JPEG", progressive=True)
    expected = decoding.decode(content.getvalue(), size_px=224)
    np.testing.assert_array_equal(runner.decode(content.getvalue(), 224), expected)


def test_postscript_does_not_start_a_program(monkeypatch):
    def start(*arguments, **options):
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(PIL.UnidentifiedImageError):
        runner.decode(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 60\n%%EndComments\n%%EOF\n", 224)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_rotated_as_by_imagemood(sample_photos, orientation):
    content = io.BytesIO()
    with PIL.Image.open(sample_photos / "rocket.jpg") as photo:
        exif = photo.getexif()
        exif[0x0112] = orientation
        photo.save(content, "JPEG", exif=exif)
    expected = decoding.decode(content.getvalue(), size_px=224)
    np.testing.assert_array_equal(runner.decode(content.getvalue(), 224), expected)


@pytest.mark.parametrize("name", ["nan", "infinite", "minus infinite", "zero", "negative"])
def test_moods_that_are_not_probabilities_are_an_error(name, tmp_path):
    classifier = runner.MoodClassifier(write_model(tmp_path / "model", network=wrong_values(MOODS)[name]))
    with pytest.raises(ValueError, match=r"^model\.onnx: the output "):
        classifier.predict(np.ones((1, 2), dtype=np.float32), None)
    expected = [[0.5, 0.5]]  # an image without tags gets the prior
    np.testing.assert_array_equal(classifier.predict(np.zeros((1, 2), dtype=np.float32), None), expected)


@pytest.mark.parametrize("name", ["nan", "infinite", "minus infinite"])
def test_scores_that_are_not_finite_are_an_error(name, sample_photos, tmp_path):
    path = write_tagger(tmp_path / "tagger", network=wrong_values(SCORES)[name])
    for suffix in (".onnx", ".json"):
        path.with_suffix(suffix).rename(path.with_name(f"network{suffix}"))
    with pytest.raises(ValueError, match=r"^network\.onnx: the output contains NaN or infinity"):
        runner.Tagger(path.parent).predict((sample_photos / "chelsea.png").read_bytes())
