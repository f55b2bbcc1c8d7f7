from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imagemood.errors import VocabularyError
from imagemood.evaluation import experiment_2018
from imagemood.evaluation.experiment_2018 import PUBLISHED, PUBLISHED_AVERAGE, RECIPE, run_experiment
from imagemood.learning import Recipe, TrainingSet
from imagemood.report.experiment_2018 import format_experiment


def test_the_published_averages_follow_from_the_published_rows():
    weights = [row["support"] for row in PUBLISHED.values()]
    assert sum(weights) == PUBLISHED_AVERAGE["support"]
    for column in ("precision", "recall", "f1"):
        mean = np.average([row[column] for row in PUBLISHED.values()], weights=weights)
        assert round(mean, 2) == PUBLISHED_AVERAGE[column]


def test_the_recipe_is_that_of_the_published_results():
    assert (RECIPE.algorithm, RECIPE.parameters, experiment_2018.N_FOLDS) == ("rf", {"n_estimators": 300}, 5)
    assert RECIPE.augmentation.is_empty
    assert not RECIPE.balanced


@pytest.fixture(scope="module")
def training_set():
    example = TrainingSet.example()
    sample = example.sample(240)
    return dataclasses.replace(sample, moods=["sad" if mood == "sadness" else mood for mood in sample.moods])


def test_the_results_are_shown_beside_the_published_ones(training_set, monkeypatch):
    monkeypatch.setattr(experiment_2018, "RECIPE", Recipe("rf", {"n_estimators": 10}))
    experiment = run_experiment(training_set)
    assert (experiment.cross_validated.n_images, experiment.held_out.n_images) == (240, 48)
    assert experiment.cross_validated.accuracy > 0.3
    lines = format_experiment(experiment).splitlines()
    row = next(line.split() for line in lines if line.startswith("sadness"))
    per_class = [one.per_class["sadness"] for one in (experiment.cross_validated, experiment.held_out)]
    expected = [f"{values[name]:.2f}" for values in per_class for name in ("precision", "recall", "f1")]
    assert row[1:5] == ["0.29", "0.29", "0.29", "41"]
    assert row[5:8] + row[9:12] == expected
    assert [row[8], row[12]] == ["30", "6"]
    assert lines[-1].startswith("accuracy: 33.0 % published, ")
    values = experiment.to_dict()
    assert values["published"]["per_class"]["fear"]["recall"] == 0.55
    assert values["held_out"]["n_images"] == 48


def test_other_moods_are_refused(training_set):
    with pytest.raises(VocabularyError, match="the moods are amusement, anger"):
        run_experiment(training_set.take([i for i, mood in enumerate(training_set.moods) if mood[0] == "a"]))
