from __future__ import annotations

import collections

import pytest

from imagemood.models import model_directory
from imagemood.pictures import samples
from imagemood.pictures.pixels import decoding
from imagemood.prediction.cascade import Cascade

MAX_BYTES = 1_500_000
FREE_LICENCES = {"CC0", "public domain", "CC BY 4.0", "Apache 2.0"}
CREDITS = [line.split(" | ") for line in samples.CREDITS.read_text("utf-8").splitlines() if line.startswith("| `")]


def test_each_mood_has_at_least_two_samples():
    counts = collections.Counter(sample.mood for sample in samples.all_samples())
    assert set(counts) == set(model_directory.load("default").labels)
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("sample", samples.all_samples(), ids=lambda sample: sample.path.stem)
def test_each_sample_is_a_small_picture_that_is_credited(sample):
    height, width, channels = decoding.decode(sample.path.read_bytes()).shape
    assert 300 <= max(height, width) <= 640
    assert channels == 3
    (row,) = (row for row in CREDITS if row[0] == f"| `{sample.path.name}`")
    assert row[1:3] == [sample.title, sample.source]
    assert sample.licence in row[4]
    assert set(sample.licence.split(", ")) <= FREE_LICENCES


def test_all_pictures_are_samples_and_small_enough_for_the_package():
    pictures = [path for path in samples.FOLDER.iterdir() if path != samples.CREDITS]
    assert sorted(pictures) == sorted(sample.path for sample in samples.all_samples())
    assert sum(path.stat().st_size for path in pictures) < MAX_BYTES


def test_the_most_probable_mood_of_each_sample_is_the_one_that_it_was_chosen_for():
    found = samples.all_samples()
    results = Cascade.load().classify_many([sample.path for sample in found])
    assert [result.mood for result in results] == [sample.mood for sample in found]
