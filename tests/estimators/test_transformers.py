"""Transformers of pictures follow the conventions of scikit-learn."""

# ruff: noqa: S301 (the test has written what it unpickles)

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import PIL.Image
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from imagemood import ImageEmbedder, ImageTagger, VisualFeatures, visual
from imagemood.errors import InputError, ModelError
from imagemood.prediction.cascade import Cascade

TRANSFORMERS = [ImageTagger(), ImageEmbedder(), VisualFeatures()]
WIDTHS = {"ImageTagger": 1000, "ImageEmbedder": 1280, "VisualFeatures": 71}


@pytest.fixture(scope="module")
def paths(sample_photos, tmp_path_factory):
    """Small copies of photos, which are decoded quickly."""
    folder = tmp_path_factory.mktemp("photos")
    for name in ("coffee.png", "rocket.jpg", "chelsea.png", "astronaut.png"):
        with PIL.Image.open(sample_photos / name) as photo:
            photo.convert("RGB").resize((96, 96)).save(folder / f"{name}.png")
    return [str(path) for path in sorted(folder.iterdir())]


@pytest.mark.filterwarnings("ignore:Can't test estimator:sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda one: type(one).__name__)
def test_conventions(transformer):
    """Most checks of scikit-learn apply only to tables of numbers."""
    assert {result["status"] for result in check_estimator(transformer)} == {"passed"}


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda one: type(one).__name__)
def test_values_names_and_tables(transformer, paths):
    values = transformer.fit_transform(paths)
    assert values.dtype == np.float32
    names = transformer.get_feature_names_out()
    assert values.shape == (4, len(names)) == (4, WIDTHS[type(transformer).__name__])
    column = pd.Series(paths, index=[3, 1, 1, 0], name="photo")
    table = clone(transformer).set_output(transform="pandas").fit_transform(column)
    assert table.index.tolist() == [3, 1, 1, 0]
    assert table.columns.tolist() == names.tolist()
    np.testing.assert_array_equal(table.to_numpy(), values)
    for same in (column.to_frame(), pl.DataFrame({"photo": paths}), np.array(paths, dtype=object)[:, np.newaxis]):
        np.testing.assert_array_equal(transformer.transform(same), values)
    assert isinstance(clone(transformer).set_output(transform="polars").fit_transform(paths), pl.DataFrame)
    assert transformer.transform([]).shape == (0, len(names))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(transformer)).transform(paths[:1]), values[:1])


def test_values_are_those_of_the_cascade(paths):
    results = [Cascade.load().classify(path, ("tags", "embedding", "visual")) for path in paths]
    expected = {
        "scores": ImageTagger().transform(paths),
        "embedding": ImageEmbedder().transform(paths),
        "visual": VisualFeatures().transform(paths),
    }
    for attribute, values in expected.items():
        rows = np.stack([getattr(result, attribute) for result in results])
        np.testing.assert_allclose(values, rows, atol=1e-3 if attribute == "visual" else 1e-4)
    assert tuple(VisualFeatures().get_feature_names_out()) == visual.NAMES


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda one: type(one).__name__)
def test_pictures_that_cannot_be_used(transformer, paths):
    pictures = [paths[0], None, "absent.jpg"]
    with pytest.raises(InputError, match="the picture is missing"):
        transformer.transform(pictures)
    values = clone(transformer).set_params(errors="nan").transform(pictures)
    assert np.isnan(values).all(axis=1).tolist() == [False, True, True]
    assert not np.isnan(values[0]).any()
    with pytest.raises(InputError, match="errors is 'drop'"):
        clone(transformer).set_params(errors="drop").transform(paths)


def test_wrong_parameters_and_tables(paths):
    with pytest.raises(ModelError, match="absent.onnx"):
        ImageTagger("absent.onnx").fit(paths)
    with pytest.raises(InputError, match="device"):
        ImageEmbedder(device="tpu").fit(paths)
    with pytest.raises(InputError, match="a table of 2 columns instead of one column of pictures"):
        ImageTagger().transform(pd.DataFrame({"a": paths, "b": paths}))


def test_parameters_can_be_read_set_and_cloned():
    tagger = ImageTagger(device="cpu", n_jobs=1)
    assert tagger.get_params() == {"tagger": None, "device": "cpu", "n_jobs": 1, "errors": "raise"}
    assert clone(tagger).set_params(errors="nan").get_params()["errors"] == "nan"
    assert repr(tagger) == "ImageTagger(device='cpu', n_jobs=1)"


@pytest.fixture(scope="module")
def labelled(paths):
    table = pd.DataFrame({"photo": paths * 3, "year": np.arange(12)})
    return table, np.array(["person", "animal", "thing", "thing"] * 3)


def test_pipelines_searches_and_unions(labelled):
    table, labels = labelled
    model = make_pipeline(ImageEmbedder(), LogisticRegression())
    assert model.fit(table.photo, labels).score(table.photo, labels) == 1
    assert cross_val_score(model, table.photo, labels, cv=3).min() == 1
    search = GridSearchCV(model, {"logisticregression__C": [0.01, 1], "imageembedder__errors": ["nan"]}, cv=3)
    assert search.fit(table.photo, labels).best_score_ == 1
    union = FeatureUnion([("visual", VisualFeatures()), ("tags", ImageTagger())])
    assert union.fit_transform(table.photo[:2]).shape == (2, 1071)


@pytest.mark.parametrize("column", ["photo", ["photo"]])
def test_column_transformers(labelled, column):
    table, labels = labelled
    columns = ColumnTransformer([("look", VisualFeatures(), column), ("year", StandardScaler(), ["year"])])
    columns.set_output(transform="pandas")
    shuffled = table.sample(frac=1, random_state=0)
    features = columns.fit_transform(shuffled)
    assert features.index.tolist() == shuffled.index.tolist()
    assert features.columns[0] == "look__saturation_mean"
    assert features.columns[-1] == "year__year"
    assert not features.isna().any().any()
    assert make_pipeline(columns, LogisticRegression(max_iter=2000)).fit(table, labels).score(table, labels) > 0.5
