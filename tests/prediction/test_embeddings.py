"""Embeddings of one and of many pictures."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import imagemood
from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.load(n_workers=2)


def test_rows_are_the_embeddings_of_the_pictures(cascade, sample_photos):
    paths = sorted(sample_photos.glob("*.png"))[:3]
    embeddings = cascade.embed(paths)
    assert (embeddings.shape, embeddings.dtype) == ((3, 1280), np.float32)
    for path, row in zip(paths, embeddings, strict=True):
        np.testing.assert_allclose(row, cascade.classify(path).embedding, atol=1e-4)
        np.testing.assert_allclose(imagemood.embed(path), row[np.newaxis], atol=1e-4)
    assert Cascade(cascade.tagger).embed([]).shape == (0, 1280)


def test_several_pictures_have_rows_of_nan(cascade, sample_photos):
    pictures = [None, sample_photos / "coffee.png", "absent.jpg"]
    with pytest.warns(
        UserWarning, match=r"^2 of 3 pictures cannot be used .*: image\[0\]: the picture is missing"
    ):
        embeddings = cascade.embed(pictures)
    assert np.isnan(embeddings).all(axis=1).tolist() == [True, False, True]
    assert embeddings.dtype == np.float32
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(cascade.embed(pictures, errors="nan"), embeddings)
    with pytest.raises(InputError, match="the picture is missing"):
        cascade.embed(pictures, errors="raise")


@pytest.mark.parametrize("picture", [None, "absent.jpg", b"text", np.zeros((20, 20, 7), np.uint8)])
def test_one_picture_raises_its_error(cascade, picture):
    with pytest.raises(InputError):
        cascade.embed(picture)
    assert np.isnan(cascade.embed(picture, errors="nan")).all()


def test_wrong_arguments(cascade):
    with pytest.raises(InputError, match="errors is 'ignore', but must be 'raise' or 'nan'"):
        cascade.embed([], errors="ignore")
    card = type(cascade.tagger.card)(size_px=224, mean=0.0, std=1.0, labels=cascade.tagger.labels, scores="scores")
    with pytest.raises(IncompatibleModelError, match="the tagger computes no embedding"):
        Cascade(Tagger(cascade.tagger.network, card)).embed([])
