from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from sklearn.utils.class_weight import compute_sample_weight

from imagemood import tables
from imagemood.errors import InputError, VocabularyError
from imagemood.learning import ALGORITHMS, Recipe, TrainingSet, check_moods, fit, train
from imagemood.learning.augmentation import Augmentation
from imagemood.models import model_directory
from imagemood.tables.tag_set import TagSet
from tests.hostile_labels import LABELS


def test_trained_models_predict_their_training_set(trained, classifier):
    data = trained.training_set
    predicted = classifier.predict(**data.inputs)
    correct = np.array(classifier.labels)[predicted.argmax(axis=1)] == np.array(data.moods)
    assert correct.mean() >= 0.9


def test_the_forest_is_that_of_scikit_learn(training_set):
    reference = RandomForestClassifier(n_estimators=300, random_state=7)
    expected = reference.fit(training_set.features, training_set.moods).predict_proba(training_set.features)
    estimator = fit(training_set, Recipe("rf", random_state=7))
    np.testing.assert_allclose(estimator.predict_proba(training_set.features), expected, atol=1e-12)


def test_logistic_regression_is_that_of_scikit_learn(training_set):
    roots = np.sqrt(training_set.tags)
    expected = LogisticRegression(C=0.5, max_iter=1000).fit(roots, training_set.moods).predict_proba(roots)
    estimator = fit(training_set.select(["tags"]), Recipe("logistic", {"C": 0.5}))
    np.testing.assert_allclose(estimator.predict_proba(training_set.tags), expected, atol=1e-6)


def test_the_support_vectors_are_those_of_scikit_learn(training_set):
    """Platt scaling keeps the machine that is trained on all images; the PCA keeps all 30 dimensions."""
    roots = np.sqrt(training_set.tags)
    reference = SVC(C=2.0, gamma=0.7).fit(roots - roots.mean(axis=0), training_set.moods)
    estimator = fit(training_set.select(["tags"]), Recipe("svm", {"gamma": 0.7}))
    machine = estimator[-1].calibrated_classifiers_[0].estimator
    np.testing.assert_array_equal(machine.support_, reference.support_)


@pytest.mark.parametrize("algorithm", ["extra-trees", "svm"])
def test_the_number_of_cores_does_not_change_the_model(training_set, algorithm):
    estimators = [fit(training_set, Recipe(algorithm), n_jobs=n_jobs) for n_jobs in (1, 2)]
    one, other = (estimator.predict_proba(training_set.features) for estimator in estimators)
    np.testing.assert_allclose(one, other, atol=1e-12)


def test_balanced_training_uses_the_weights_of_scikit_learn(training_set):
    roots = np.sqrt(training_set.tags)
    weights = compute_sample_weight("balanced", training_set.moods)
    reference = LogisticRegression(C=2.0, max_iter=1000).fit(roots, training_set.moods, sample_weight=weights)
    estimator = fit(training_set.select(["tags"]), Recipe("logistic", balanced=True))
    np.testing.assert_allclose(
        estimator.predict_proba(training_set.tags), reference.predict_proba(roots), atol=1e-6
    )


_SHALLOW = {"rf": {"max_depth": 3}, "extra-trees": {"max_depth": 3}, "boosting": {"max_iter": 10}}


@pytest.mark.parametrize("algorithm", [name for name, spec in ALGORITHMS.items() if spec.accepts_sample_weight])
def test_balanced_training_raises_the_probability_of_a_rare_mood(algorithm):
    """Two overlapping moods, one of them nine times as frequent as the other."""
    rng = np.random.default_rng(5)
    visual = np.r_[rng.normal(0, 1, (450, 3)), rng.normal(1, 1, (50, 3))].astype(np.float32)
    moods = ["joy"] * 450 + ["fear"] * 50
    data = TrainingSet(None, (), moods, visual=visual, visual_names=("a", "b", "c"))
    rare = []
    for balanced in (False, True):
        model = train(data, Recipe(algorithm, _SHALLOW.get(algorithm, {}), balanced=balanced)).classifier()
        rare.append(model.predict(visual=visual)[:, model.labels.index("fear")].mean())
    assert rare[1] > rare[0] + 0.1


def test_neighbours_cannot_be_balanced(training_set):
    with pytest.raises(InputError, match="'knn' does not support balanced training"):
        train(training_set, Recipe("knn", balanced=True))


def test_augmented_models_are_exported(training_set):
    recipe = Recipe("rf", {"n_estimators": 10}, Augmentation((0.25, 1.0), 0.1))
    trained = train(training_set, recipe)
    expected = trained.estimator.predict_proba(training_set.features)
    predicted = trained.classifier().predict(training_set.tags, training_set.embedding)
    np.testing.assert_allclose(predicted, expected, atol=1e-5)
    assert trained.metadata().parameters["augmentation"]["mask_fractions"] == (0.25, 1.0)


def test_masked_copies_are_training_rows_with_the_label_of_their_image(training_set):
    """A copy with all tags counts twice, which is the same as a weight of 2 for every image."""
    once, twice = (
        fit(training_set.select(["tags"]), Recipe("logistic", {"C": c}, Augmentation(fractions)))
        for c, fractions in ((2.0, ()), (1.0, (1.0, 1.0)))
    )
    np.testing.assert_allclose(
        once.predict_proba(training_set.tags), twice.predict_proba(training_set.tags), atol=1e-4
    )


def test_augmentation_does_not_change_other_inputs(training_set):
    """Without tags there is nothing to augment."""
    embedding = training_set.select(["embedding"])
    plain, augmented = (
        fit(embedding, Recipe("logistic", augmentation=augmentation)).predict_proba(embedding.features)
        for augmentation in (Augmentation(), Augmentation((0.1, 1.0), 0.1))
    )
    np.testing.assert_array_equal(plain, augmented)


def test_masked_copies_improve_predictions_from_a_single_tag(training_set):
    tags_only = training_set.select(["tags"])
    is_top = tags_only.tags == tags_only.tags.max(axis=1, keepdims=True)
    top_tag = np.where(is_top, tags_only.tags, np.float32(0))

    def accuracy(recipe):
        model = train(tags_only, recipe).classifier()
        predicted = np.array(model.labels)[model.predict(top_tag).argmax(axis=1)]
        return (predicted == np.array(tags_only.moods)).mean()

    assert accuracy(Recipe("rf", augmentation=Augmentation((0.1, 0.25, 0.5, 1.0)))) > accuracy("rf")


def test_unknown_algorithm(training_set):
    with pytest.raises(InputError, match="unknown algorithm 'magic' .choose one of rf, svm, logistic"):
        train(training_set, "magic")


def test_unknown_parameter(training_set):
    with pytest.raises(InputError, match="'rf' has no parameter 'C'"):
        train(training_set, Recipe("rf", {"C": 1.0}))


def test_a_single_mood(training_set):
    only_awe = training_set.take(np.flatnonzero(np.array(training_set.moods) == "awe"))
    with pytest.raises(VocabularyError, match="all images have the mood 'awe'"):
        train(only_awe)


def test_a_mood_with_too_few_images_for_the_svm(training_set):
    moods = np.array(training_set.moods)
    few = training_set.take(np.r_[np.flatnonzero(moods == "awe"), np.flatnonzero(moods == "quiet fear")[:2]])
    with pytest.raises(VocabularyError, match="each mood needs 3 images, but 'quiet fear' has 2"):
        train(few, "svm")


def test_every_mood_with_too_few_images_is_named(training_set):
    check_moods(training_set, min_images_per_mood=40)
    with pytest.raises(VocabularyError, match="needs 81 images, but 'awe' has 80, 'quiet fear' has 40"):
        check_moods(training_set, min_images_per_mood=81)


def test_more_neighbours_than_images(training_set):
    with pytest.raises(VocabularyError, match="'knn' needs at least 60 images .n_neighbors=60., but there are 50"):
        train(training_set.take(range(50)), "knn")
    assert train(training_set.take(range(50)), Recipe("knn", {"n_neighbors": 50})).classifier().labels


def test_masked_copies_count_as_neighbours(training_set):
    few = training_set.select(["tags"]).take(range(50))
    assert train(few, Recipe("knn", augmentation=Augmentation((0.5, 1.0)))).classifier().labels


def test_identical_images():
    data = TrainingSet(np.full((90, 2), 0.5, dtype=np.float32), ("a", "b"), ["joy"] * 60 + ["fear"] * 30)
    with pytest.raises(VocabularyError, match="all images have the same tags .add images that differ"):
        train(data)


@pytest.mark.parametrize("mood", ["", "null\0", "\ud800"])
def test_moods_that_cannot_be_stored_are_an_error(training_set, mood):
    moods = [mood if label == "awe" else label for label in training_set.moods]
    with pytest.raises(VocabularyError, match="^invalid mood "):
        train(replace(training_set, moods=moods), "logistic")


def test_any_other_mood_can_be_stored(tmp_path):
    moods = [label for label in LABELS for _ in range(2)]
    tags = np.eye(len(LABELS), dtype=np.float32).repeat(2, axis=0)
    train(TrainingSet(tags, LABELS, moods), "logistic").write(tmp_path / "model")
    classifier = model_directory.load(tmp_path / "model")
    assert classifier.labels == tuple(sorted(LABELS))
    rows = TagSet.from_rows(list(range(len(LABELS))), LABELS, [1.0] * len(LABELS))
    prediction = classifier.predict_rows(rows).rows
    for name in ("rows.csv", "rows.jsonl", "rows.parquet"):
        tables.write(prediction, tmp_path / name)
        read = tables.read(tmp_path / name)
        assert read.table.to_pydict()["tag"] == prediction.table.to_pydict()["tag"]
