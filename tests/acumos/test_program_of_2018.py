"""Comparison with the steps of the 2018 program, as far as they worked: pandas rows, scikit-learn's forest."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

from imagemood.evaluation.hold_out import hold_out
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.learning.augmentation import CLASSIC_FRACTIONS, mask_samples
from imagemood.tables import Labels
from imagemood.tables.tag_set import TagSet

RECIPE = Recipe("rf", random_state=1)  # the seed of the 2018 program's split


@pytest.fixture(scope="module")
def rows():
    example = TrainingSet.example().take(range(0, 1600, 10))
    tags = TagSet.from_matrix(example.tags, range(160), example.vocabulary)
    return tags.table.to_pandas().sample(frac=1, random_state=0), example.moods


@pytest.fixture(scope="module")
def training_set(rows):
    table, moods = rows
    return TrainingSet.from_rows(TagSet.from_rows(*(table[column].tolist() for column in table)), Labels(moods))


def matrix_of_2018(table, fraction=1.0):
    """Write the highest scores of each image, in the order of the sorted images, into a matrix of zeros."""
    columns = {tag: column for column, tag in enumerate(sorted(table["tag"].unique()))}
    groups = table.sort_values("score", ascending=False).groupby("image")
    matrix = np.zeros((len(groups), len(columns)))
    for row, (_, group) in enumerate(groups):
        kept = group[: math.ceil(fraction * len(group))]
        for tag, score in zip(kept["tag"], kept["score"], strict=True):
            matrix[row, columns[tag]] = score
    return matrix


def test_the_same_matrix(rows, training_set):
    np.testing.assert_array_equal(training_set.tags, matrix_of_2018(rows[0]).astype(np.float32))


def test_the_same_report_for_the_same_split_and_forest(rows, training_set):
    table, moods = rows
    parts = train_test_split(matrix_of_2018(table), moods, test_size=0.2, random_state=1, stratify=moods)
    forest = RandomForestClassifier(300, random_state=1).fit(parts[0], parts[2])
    expected = classification_report(parts[3], forest.predict(parts[1]), output_dict=True, zero_division=0)
    evaluation = hold_out(training_set, RECIPE)
    assert evaluation.accuracy == expected["accuracy"]
    for mood, scores in evaluation.per_class.items():
        for name, known in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert scores[name] == pytest.approx(expected[mood][known]), (mood, name)
        assert scores["support"] == expected[mood]["support"]


def test_the_same_predictions_by_the_same_forest(rows, training_set):
    table, _ = rows
    trained = train(training_set, RECIPE)
    probabilities = trained.estimator.predict_proba(matrix_of_2018(table).astype(np.float32))
    expected = pd.DataFrame(
        [
            (image, mood, score)
            for image, scores in enumerate(probabilities)
            for mood, score in sorted(
                zip(trained.estimator.classes_, scores, strict=True), key=lambda row: -row[1]
            )
        ],
        columns=["image", "tag", "score"],
    )
    tags = TagSet.from_rows(*(table.sort_values("image", kind="stable")[column].tolist() for column in table))
    predicted = trained.classifier().predict_rows(tags).rows.table.to_pandas()
    pd.testing.assert_series_equal(predicted["image"], expected["image"])
    np.testing.assert_allclose(predicted["score"], expected["score"], atol=1e-6)
    assert (np.diff(predicted["score"])[np.diff(predicted["image"]) == 0] <= 0).all()
    both = predicted.merge(expected, on=["image", "tag"])
    np.testing.assert_allclose(both["score_x"], both["score_y"], atol=1e-6)
    assert len(both) == len(expected)


def test_the_same_summary(rows, training_set):
    table, moods = rows
    matrix = pd.DataFrame(matrix_of_2018(table), columns=sorted(table["tag"].unique()))
    for mood, sums in matrix.groupby(np.array(moods)):
        strongest = sums.sum().sort_values(ascending=False)[:5]
        found = training_set.summary(5)[mood]
        assert [tag for tag, _ in found] == strongest.index.tolist()
        np.testing.assert_allclose([score for _, score in found], strongest, rtol=1e-6)


def test_the_masked_copies_that_were_meant(rows, training_set):
    copies, origin = mask_samples(training_set.tags, CLASSIC_FRACTIONS)
    expected = np.concatenate([matrix_of_2018(rows[0], fraction) for fraction in CLASSIC_FRACTIONS])
    np.testing.assert_array_equal(copies, expected.astype(np.float32))
    assert origin.tolist() == 4 * list(range(160))


def test_labels_of_named_images_in_sorted_order():
    table = pd.DataFrame({"image": ["b", "é", "B", "a10", "a9"], "tag": "cat", "score": [1, 0.8, 0.6, 0.4, 0.2]})
    moods = ["awe", "fear", "awe", "fear", "awe"]
    tags = TagSet.from_rows(*(table[column].tolist() for column in table))
    found = TrainingSet.from_rows(tags, Labels(moods), sort_names=True)
    scores = [group["score"].iloc[0] for _, group in table.groupby("image")]
    np.testing.assert_allclose(found.tags[:, 0], scores)
    assert found.moods == moods
