"""All entry points give the same moods and tags for the same pictures and tag rows."""

from __future__ import annotations

import importlib.util
import inspect
import shutil
import sys
import zipfile

import numpy as np
import pytest

from imagemood.acumos.dump import BundleOptions, dump
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from tests.consistency import entry_points
from tests.consistency.entry_points import Environment, Scores
from tests.serve.serving import serving

PHOTOS = (
    "astronaut.png",
    "camera.png",  # grey
    "chelsea.png",
    "coffee.png",
    "color.png",
    "horse.png",  # transparent
    "hubble_deep_field.jpg",
    "page.png",
    "rocket.jpg",
    "text.png",
)
MOODS_OF_PICTURES = (
    entry_points.classify,
    entry_points.cascade_classify_many,
    entry_points.cascade_classify_batch,
    entry_points.classify_many,
    entry_points.data_frame,
    entry_points.unpickled_cascade,
    entry_points.classify_command,
    entry_points.bulk_command,
    entry_points.v1_form,
    entry_points.v1_json,
    entry_points.acumos_moods_protobuf,
    entry_points.acumos_moods_json,
    entry_points.open_inference_moods_json,
    entry_points.open_inference_moods_binary,
    entry_points.bundle_moods,
)
TAGS_OF_PICTURES = (
    entry_points.cascade_tag_many,
    entry_points.data_frame_tags,
    entry_points.image_tagger,
    entry_points.tag_command,
    entry_points.acumos_tags_protobuf,
    entry_points.acumos_tags_json,
    entry_points.open_inference_tags_json,
    entry_points.open_inference_tags_binary,
    entry_points.bundle_tags,
)
MOODS_OF_TAG_ROWS = (
    entry_points.predict_rows,
    entry_points.mood_command,
    entry_points.classify_image_command,
    entry_points.acumos_rows_protobuf,
    entry_points.acumos_rows_json,
    entry_points.open_inference_rows,
    entry_points.bundle_rows,
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory, sample_photos, numbered_tags):
    folder = tmp_path_factory.mktemp("consistency")
    for name in ("photos", "service", "output"):
        (folder / name).mkdir()
    for name in PHOTOS:
        shutil.copy(sample_photos / name, folder / "photos" / name)
    runners = {}
    for kind in ("moods", "cascade", "tagger"):
        dump(folder / "bundles" / kind, options=BundleOptions(kind=kind))
        runners[kind] = import_runner(folder / "bundles" / kind, folder / "unpacked" / kind)
    with serving(folder / "service", "--max-mb", "100") as service:
        yield Environment(
            folder / "photos", numbered_tags, service, folder / "bundles", runners, folder / "output"
        )


def import_runner(bundle, folder):
    """Unpack a bundle, and import the runner that is in it."""
    with zipfile.ZipFile(bundle / "model.zip") as archive:
        archive.extractall(folder)
    path = folder / "scripts" / "user_provided" / "imagemood_runner.py"
    name = f"imagemood_runner_{bundle.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def of_pictures(environment) -> tuple[Scores, Scores]:
    """Moods and tags of each photo, computed by calling the models one after the other."""
    tagger, classifier = Tagger.load(n_threads=1), model_directory.load()
    moods: Scores = {}
    tags: Scores = {}
    for name, content in environment.contents.items():
        output = tagger.predict(tagger.decode(content)[np.newaxis])
        probabilities = classifier.predict(output.scores, output.embedding)[0]
        moods[name] = dict(zip(classifier.labels, probabilities.tolist(), strict=True))
        tags[name] = dict(zip(tagger.labels, output.scores[0].tolist(), strict=True))
    return moods, tags


@pytest.fixture(scope="module")
def of_rows(environment) -> Scores:
    """Moods of each image, computed from its vector of tag scores."""
    classifier = model_directory.load("tags")
    columns = {tag: i for i, tag in enumerate(classifier.vocabulary)}
    moods: Scores = {}
    for image in (40, 7, 12, 99):
        vector = np.zeros((1, len(columns)), dtype=np.float32)
        for row in environment.tags.table.to_pylist():
            if row["image"] == image and row["tag"] in columns:
                vector[0, columns[row["tag"]]] += np.float32(row["score"])
        moods[image] = dict(zip(classifier.labels, classifier.predict(vector)[0].tolist(), strict=True))
    assert moods[99] == pytest.approx(classifier.metadata.prior)
    return moods


def assert_same(actual: Scores, expected: Scores) -> None:
    assert set(actual) == set(expected)
    for image, scores in expected.items():
        assert actual[image] == pytest.approx(scores, abs=1e-6), image


def name_of(entry_point):
    return entry_point.__name__


@pytest.mark.parametrize("entry_point", MOODS_OF_PICTURES, ids=name_of)
def test_moods_of_pictures(environment, of_pictures, entry_point):
    assert_same(entry_point(environment), of_pictures[0])


@pytest.mark.parametrize("entry_point", TAGS_OF_PICTURES, ids=name_of)
def test_tags_of_pictures(environment, of_pictures, entry_point):
    assert_same(entry_point(environment), of_pictures[1])


@pytest.mark.parametrize("entry_point", MOODS_OF_TAG_ROWS, ids=name_of)
def test_moods_of_tag_rows(environment, of_rows, entry_point):
    assert_same(entry_point(environment), of_rows)


def test_every_entry_point_is_tested():
    functions = {name for name, value in vars(entry_points).items() if inspect.isfunction(value)}
    imported = {name for name in functions if vars(entry_points)[name].__module__ != entry_points.__name__}
    tested = {name_of(entry_point) for entry_point in (*MOODS_OF_PICTURES, *TAGS_OF_PICTURES, *MOODS_OF_TAG_ROWS)}
    assert {name for name in functions - imported if not name.startswith("_")} == tested
