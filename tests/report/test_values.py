from __future__ import annotations

import dataclasses
import json
from collections import Counter

import numpy as np
import pytest

from imagemood.report.plots import PLOTS
from imagemood.report.values import N_MISTAKES, N_TAGS, report_values
from tests.report.conftest import MISSING


@pytest.fixture(scope="module")
def values(report_data):
    return report_values(report_data)


def with_probabilities(data, probabilities):
    """Return the data with other predictions."""
    return dataclasses.replace(
        data, evaluation=dataclasses.replace(data.evaluation, probabilities=np.asarray(probabilities, dtype=float))
    )


def certain(data, moods):
    """Return probabilities of 0 and 1 that predict the given moods."""
    return [[float(mood == label) for label in data.evaluation.labels] for mood in moods]


def test_values_survive_json(values):
    """Tuples become lists, and nothing else changes."""
    text = json.dumps(values, allow_nan=False)
    restored = json.loads(text)
    assert json.dumps(restored) == text
    assert list(restored) == list(values)


def test_values_of_the_evaluation_are_included(values, report_data):
    for name, value in report_data.evaluation.to_dict().items():
        assert values[name] == value
    assert values["algorithm"] == "logistic"
    assert values["recipe"]["parameters"] == {"C": 0.001}
    assert values["inputs"] == ["tags", "embedding"]
    assert values["labels"] == ["Große Freude", "awe", "quiet fear"]
    assert values["images_per_mood"] == {"Große Freude": 120, "awe": 80, "quiet fear": 40}


def test_every_plot_has_its_data(values, report_data):
    for plot in PLOTS:
        assert values[plot.key] == plot.data(report_data)


def test_confusions_equal_those_from_counting(values, report_data):
    labels = report_data.evaluation.labels
    predicted = [labels[i] for i in report_data.evaluation.probabilities.argmax(axis=1)]
    pairs = Counter(zip(report_data.training_set.moods, predicted, strict=True))
    assert values["confusions"] == [[pairs[true, answer] for answer in labels] for true in labels]
    assert [sum(row) for row in values["confusions"]] == list(values["images_per_mood"].values())


def test_mistakes_are_the_wrong_predictions_with_the_highest_probabilities(values, report_data):
    labels, probabilities = report_data.evaluation.labels, report_data.evaluation.probabilities
    wrong = []
    for i, (mood, row) in enumerate(zip(report_data.training_set.moods, probabilities.tolist(), strict=True)):
        answer = labels[row.index(max(row))]
        if answer != mood:
            wrong.append((max(row), report_data.paths[i], mood, answer))
    wrong.sort(key=lambda mistake: -mistake[0])
    shown = [(m["probability"], m["image"], m["mood"], m["answer"]) for m in values["mistakes"]]
    assert len(shown) == min(N_MISTAKES, len(wrong)) > 5
    assert [probability for probability, *_ in shown] == [probability for probability, *_ in wrong[: len(shown)]]
    assert set(shown) <= set(wrong)


def test_the_most_confident_mistake_comes_first(values, report_data):
    first = values["mistakes"][0]
    assert first["image"] == report_data.paths[MISSING]
    assert first["probability"] == 1
    assert first["mood"] == report_data.training_set.moods[MISSING] != first["answer"]


def test_without_paths_mistakes_have_the_index_of_the_picture(report_data):
    mistakes = report_values(dataclasses.replace(report_data, paths=None))["mistakes"]
    assert mistakes[0]["image"] == MISSING
    assert all(isinstance(mistake["image"], int) for mistake in mistakes)


def test_perfect_predictions_have_no_mistakes(report_data):
    perfect = with_probabilities(report_data, certain(report_data, report_data.training_set.moods))
    values = report_values(perfect)
    assert values["mistakes"] == []
    assert values["confusions"] == np.diag([120, 80, 40]).tolist()


def test_no_more_mistakes_are_shown_than_the_limit(report_data):
    first, *others = report_data.evaluation.labels
    answers = [others[0] if mood == first else first for mood in report_data.training_set.moods]
    values = report_values(with_probabilities(report_data, certain(report_data, answers)))
    assert len(values["mistakes"]) == N_MISTAKES == 24
    assert np.trace(values["confusions"]) == 0


def test_strongest_tags_are_those_with_the_largest_sums_of_scores(values, report_data):
    data = report_data.training_set
    for mood, tags in values["top_tags"].items():
        sums = data.tags[np.array(data.moods) == mood].sum(axis=0, dtype=float)
        order = np.argsort(-sums)[:N_TAGS]
        assert [tag for tag, _ in tags] == [data.vocabulary[i] for i in order]
        assert [score for _, score in tags] == pytest.approx(sums[order], rel=1e-5)


def test_curves_that_were_not_measured_are_empty(bare_data):
    values = report_values(bare_data)
    assert values["learning_curve"] == []
    assert values["resolution_curve"] == {}
    assert values["inputs"] == ["tags"]
