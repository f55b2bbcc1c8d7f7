from __future__ import annotations

import numpy as np
import onnx
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from imagemood import bundle, formats
from imagemood.augment import Augmentation
from imagemood.errors import InputError, VocabularyError
from imagemood.formats import Labels
from imagemood.learn import (
    ALGORITHMS,
    GRIDS,
    Problem,
    Recipe,
    SquareRoot,
    TrainingSet,
    make_estimator,
    train,
)
from imagemood.tags import TagSet


@parametrize_with_checks([SquareRoot()])
def test_square_root_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


@pytest.fixture(scope="module", params=[(name, inputs) for name in ALGORITHMS for inputs in ("tags", "both")])
def trained(request, training_set):
    algorithm, inputs = request.param
    chosen = training_set if inputs == "both" else training_set.select(["tags"])
    return train(chosen, algorithm)


def test_onnx_gives_the_probabilities_of_scikit_learn(trained):
    data = trained.training_set
    expected = trained.estimator.predict_proba(data.features)
    answers = trained.classifier().predict(data.tags, data.embedding)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    assert trained.classifier().labels == tuple(trained.estimator.classes_)


def test_onnx_gives_them_on_images_never_seen(trained):
    """Also for empty rows, rows of one tag, and values right at a tree's thresholds."""
    data = trained.training_set
    tags = np.vstack([np.eye(30, dtype=np.float32), data.tags[::-1][:50] * np.float32(0.5)])
    embedding = None if data.embedding is None else np.ones((80, 16), dtype=np.float32)
    features = tags if embedding is None else np.hstack([tags, embedding])
    expected = trained.estimator.predict_proba(features)
    np.testing.assert_allclose(trained.classifier().predict(tags, embedding), expected, atol=1e-5)


def test_learns_what_there_is_to_learn(trained):
    data = trained.training_set
    answers = trained.classifier().predict(data.tags, data.embedding)
    right = np.array(trained.classifier().labels)[answers.argmax(axis=1)] == np.array(data.moods)
    assert right.mean() > 0.9


def test_network_has_only_the_promised_inputs_and_output(trained):
    network = onnx.load_from_string(trained.to_onnx())
    wanted = ["tags"] if trained.training_set.embedding is None else ["tags", "embedding"]
    assert [value.name for value in network.graph.input] == wanted
    assert [value.name for value in network.graph.output] == ["probabilities"]


def test_the_same_seed_gives_the_same_model(training_set):
    tags_only = training_set.select(["tags"])
    one, same, other = (train(tags_only, Recipe("rf", random_state=seed)).to_onnx() for seed in (0, 0, 1))
    assert one == same
    assert one != other


def test_metadata_says_what_was_learned_from_what(training_set):
    metadata = train(training_set, "logistic").metadata()
    assert metadata.labels == ("Große Freude", "awe", "quiet fear")
    assert metadata.inputs == ("tags", "embedding")
    assert metadata.prior == pytest.approx({"Große Freude": 0.5, "awe": 1 / 3, "quiet fear": 1 / 6})
    assert metadata.training_set["n_images"] == 240
    assert metadata.training_set["sha256"] == training_set.fingerprint()
    assert metadata.parameters["C"] == 2.0


def test_written_model_answers_like_the_trained_one(trained, tmp_path):
    trained.write(tmp_path / "model")
    loaded = bundle.load(tmp_path / "model")
    data = trained.training_set
    np.testing.assert_array_equal(
        loaded.predict(data.tags, data.embedding), trained.classifier().predict(data.tags, data.embedding)
    )


def test_the_default_forest_has_300_trees():
    assert make_estimator(Recipe("rf"), Problem({"tags": 1000}, n_images=806)).n_estimators == 300


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_place_of_a_grid_can_be_made(algorithm):
    for name, values in GRIDS[algorithm].items():
        estimator = make_estimator(
            Recipe(algorithm, {name: values[-1]}), Problem({"tags": 30, "embedding": 16}, n_images=240)
        )
        found = {key: value for key, value in estimator.get_params().items() if key.rsplit("__", 1)[-1] == name}
        assert list(found.values()) == [values[-1]]


def test_augmented_training_still_exports(training_set):
    recipe = Recipe("rf", {"n_estimators": 10}, Augmentation((0.25, 1.0), 0.1))
    trained = train(training_set, recipe)
    expected = trained.estimator.predict_proba(training_set.features)
    answers = trained.classifier().predict(training_set.tags, training_set.embedding)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    assert trained.metadata().parameters["augmentation"]["mask_fractions"] == (0.25, 1.0)


def test_masks_teach_what_few_tags_mean(training_set):
    """Trained on masked copies, a forest is right more often when only the strongest tag arrives."""
    tags_only = training_set.select(["tags"])
    strongest = tags_only.tags == tags_only.tags.max(axis=1, keepdims=True)
    few = np.where(strongest, tags_only.tags, np.float32(0))
    truth = np.array(tags_only.moods)

    def right(recipe):
        model = train(tags_only, recipe).classifier()
        return (np.array(model.labels)[model.predict(few).argmax(axis=1)] == truth).mean()

    assert right(Recipe("rf", augmentation=Augmentation((0.1, 0.25, 0.5, 1.0)))) > right("rf")


def test_unknown_algorithm(training_set):
    with pytest.raises(InputError, match="unknown algorithm 'magic' .one of rf, svm, logistic"):
        train(training_set, "magic")


def test_a_single_mood(training_set):
    only_awe = training_set.take(np.flatnonzero(np.array(training_set.moods) == "awe"))
    with pytest.raises(VocabularyError, match="all images have the mood 'awe'"):
        train(only_awe)


def test_a_mood_with_too_few_images_for_the_svm(training_set):
    moods = np.array(training_set.moods)
    few = training_set.take(np.r_[np.flatnonzero(moods == "awe"), np.flatnonzero(moods == "quiet fear")[:2]])
    with pytest.raises(VocabularyError, match="each mood needs 3 images, but 'quiet fear' has 2"):
        train(few, "svm")


TAGS = TagSet.from_rows([7, 3, 3, 5], ["cat", "shark", "cat", "dog"], [1.0, 0.75, 0.25, 1.0])


def test_labels_of_one_column_belong_to_the_images_in_ascending_order():
    matched = TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "awe"]))
    assert matched.vocabulary == ("cat", "dog", "shark")
    np.testing.assert_array_equal(matched.tags, [[0.25, 0, 0.75], [0, 1, 0], [1, 0, 0]])
    assert matched.moods == ["fear", "joy", "awe"]


def test_labels_of_named_images_follow_their_first_appearance():
    tags = TagSet.from_rows(["b.jpg", "a.jpg"], ["cat", "dog"], [1.0, 1.0])
    np.testing.assert_array_equal(TrainingSet.from_rows(tags, Labels(["joy", "awe"])).tags, [[1, 0], [0, 1]])


def test_labels_with_images_are_joined():
    matched = TrainingSet.from_rows(TAGS, Labels(["awe", "fear", "joy"], ["7", "3", "5"]))
    np.testing.assert_array_equal(matched.tags[:, 0], [1, 0.25, 0])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (Labels(["awe", "joy"]), "labels: 2 labels for 3 images"),
        (Labels(["awe", "joy", "joy"], ["7", "3", "3"]), "image '3' has two labels"),
        (Labels(["awe", "joy", "joy"], ["7", "3", "9"]), "1 labelled images have no tags, such as '9'"),
    ],
)
def test_labels_that_do_not_fit(labels, message):
    with pytest.raises(VocabularyError, match=message):
        TrainingSet.from_rows(TAGS, labels)


def test_summary_sums_scores_by_mood():
    matched = TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "joy"]))
    assert matched.summary(2) == {
        "fear": [("shark", 0.75), ("cat", 0.25)],
        "joy": [("cat", 1.0), ("dog", 1.0)],
    }


def test_fingerprint_tells_training_sets_apart(training_set):
    prints = {
        training_set.fingerprint(),
        training_set.select(["tags"]).fingerprint(),
        training_set.take(range(239)).fingerprint(),
        training_set.take(range(239, -1, -1)).fingerprint(),
    }
    assert len(prints) == 4
    assert training_set.take(range(240)).fingerprint() == training_set.fingerprint()


def test_example_training_set():
    example = TrainingSet.example()
    assert example.images_per_mood == dict.fromkeys(
        ["amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness"], 200
    )
    assert np.count_nonzero(example.tags, axis=1).tolist() == [100] * 1600
    assert set(example.vocabulary) <= set(bundle.load("tags").vocabulary)
    assert formats.read_labels(bundle.builtin.path("example_labels.csv")).moods == example.moods
