from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from imagemood import tables
from imagemood.errors import InputError, VocabularyError
from imagemood.learning import (
    ALGORITHMS,
    BlockScaler,
    Recipe,
    SquareRoot,
    TrainingSet,
    train,
)
from imagemood.learning.augmentation import Augmentation
from imagemood.models import model_directory
from imagemood.tables import Labels
from imagemood.tables.tag_set import TagSet


@parametrize_with_checks([SquareRoot(), BlockScaler()])
def test_transformers_pass_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


INPUT_SETS = ("tags", "tags+embedding", "embedding", "tags+embedding+visual")


@pytest.fixture(scope="module")
def with_visual(training_set):
    """Visual features that help a little, one of them always the same."""
    dice = np.random.default_rng(1)
    places = np.unique(training_set.moods, return_inverse=True)[1]
    visual = (
        dice.normal(size=(240, 5)) * [0.1, 30, 1, 1, 0] + np.outer(places, [0.1, 10, 0, 0, 0]) + [0, 0, 0, 0, 7]
    )
    names = tuple(f"feature {i}" for i in range(5))
    return dataclasses.replace(training_set, visual=visual.astype(np.float32), visual_names=names)


@pytest.fixture(scope="module", params=[(a, i) for a in ALGORITHMS for i in INPUT_SETS], ids="-".join)
def trained(request, with_visual):
    algorithm, inputs = request.param
    return train(with_visual.select(inputs.split("+")), algorithm)


def test_onnx_gives_the_probabilities_of_scikit_learn(trained):
    data = trained.training_set
    expected = trained.estimator.predict_proba(data.features)
    answers = trained.classifier().predict(**data.inputs)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    assert trained.classifier().labels == tuple(trained.estimator.classes_)


def test_onnx_gives_them_on_images_never_seen(trained):
    """Also for empty rows, rows of one tag, and values right at a tree's thresholds."""
    data = trained.training_set
    unseen = {
        "tags": np.vstack([np.eye(30), np.random.default_rng(4).dirichlet(np.full(30, 0.1), 50)]),
        "embedding": np.random.default_rng(2).normal(size=(80, 16)),
        "visual": np.random.default_rng(3).normal(scale=20, size=(80, 5)),
    }
    given = {name: unseen[name].astype(np.float32) for name in data.inputs}
    if list(given) == ["tags"]:
        given["tags"] = np.vstack([given["tags"], data.tags[::-1][:50] * np.float32(0.5)])
    expected = trained.estimator.predict_proba(np.hstack(list(given.values())))
    np.testing.assert_allclose(trained.classifier().predict(**given), expected, atol=1e-5)


def test_learns_what_there_is_to_learn(trained):
    data = trained.training_set
    answers = trained.classifier().predict(**data.inputs)
    right = np.array(trained.classifier().labels)[answers.argmax(axis=1)] == np.array(data.moods)
    assert right.mean() >= 0.9


def test_network_has_only_the_promised_inputs_and_output(trained):
    network = onnx.load_from_string(trained.to_onnx())
    assert [value.name for value in network.graph.input] == list(trained.training_set.inputs)
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
    loaded = model_directory.load(tmp_path / "model")
    data = trained.training_set
    answers = loaded.predict(**data.inputs)
    np.testing.assert_array_equal(answers, trained.classifier().predict(**data.inputs))


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
    with pytest.raises(InputError, match="unknown algorithm 'magic' .choose one of rf, svm, logistic"):
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
    assert set(example.vocabulary) <= set(model_directory.load("tags").vocabulary)
    assert tables.read_labels(model_directory.builtin.path("example_labels.csv")).moods == example.moods


_SHALLOW = {"rf": {"max_depth": 3}, "extra-trees": {"max_depth": 3}, "boosting": {"max_iter": 10}}


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "knn"])
def test_balanced_training_finds_more_of_a_rare_mood(algorithm):
    """Two moods that overlap, one nine times as frequent: it is answered less often once each counts alike."""
    dice = np.random.default_rng(5)
    visual = np.r_[dice.normal(0, 1, (450, 3)), dice.normal(1, 1, (50, 3))].astype(np.float32)
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


def test_more_neighbours_than_images(training_set):
    with pytest.raises(VocabularyError, match="'knn' needs at least 60 images .n_neighbors=60., but there are 50"):
        train(training_set.take(range(50)), "knn")


def test_unknown_parameter(training_set):
    with pytest.raises(InputError, match="'rf' has no parameter 'C'"):
        train(training_set, Recipe("rf", {"C": 1.0}))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_moods_and_constant_features(algorithm):
    """A binary problem takes other paths through scikit-learn and ONNX; constant columns have no spread."""
    dice = np.random.default_rng(6)
    visual = np.c_[dice.normal(size=(120, 2)), np.full(120, 3.0)].astype(np.float32)
    tags = np.c_[np.zeros((120, 2)), np.full((120, 1), 0.5)].astype(np.float32)
    moods = np.where(visual[:, 0] > 0, "joy", "fear").tolist()
    data = TrainingSet(tags, ("a", "b", "c"), moods, visual=visual, visual_names=("x", "y", "z"))
    trained = train(data, algorithm)
    expected = trained.estimator.predict_proba(data.features)
    answers = trained.classifier().predict(**data.inputs)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    assert (np.array(trained.classifier().labels)[answers.argmax(axis=1)] == moods).mean() > 0.8


def test_images_that_are_all_alike():
    data = TrainingSet(np.full((90, 2), 0.5, dtype=np.float32), ("a", "b"), ["joy"] * 60 + ["fear"] * 30)
    with pytest.raises(VocabularyError, match="all images have the same tags .add images that differ"):
        train(data)


def test_models_record_what_they_need(with_visual):
    metadata = train(with_visual, "logistic").metadata()
    assert metadata.inputs == ("tags", "embedding", "visual")
    assert metadata.visual == with_visual.visual_names
    assert train(with_visual.select(["embedding"]), "logistic").metadata().vocabulary == ()


def test_selecting_what_is_not_there(training_set):
    with pytest.raises(InputError, match="no input 'visual' to learn from .there are tags, embedding"):
        training_set.select(["tags", "visual"])
    with pytest.raises(InputError, match="no input"):
        training_set.select([])


def test_rows_labels_and_features_are_joined_by_image():
    features = tables.FeatureTable(["7", "5", "3"], ("x",), np.float32([[7], [5], [3]]))
    matched = TrainingSet.from_rows(TAGS, Labels(["awe", "fear", "joy"], ["7", "3", "5"]), features)
    assert matched.visual.tolist() == [[7], [3], [5]]
    fewer = tables.FeatureTable(["7", "5"], ("x",), np.float32([[7], [5]]))
    with pytest.raises(VocabularyError, match="has no features of 1 images, such as '3'"):
        TrainingSet.from_rows(TAGS, Labels(["a", "b", "c"]), fewer)


def test_rows_in_parts_are_like_the_whole():
    parts = [TagSet(TAGS.table.slice(start, 1)) for start in range(TAGS.table.num_rows)]
    labels = Labels(["fear", "joy", "awe"])
    whole, together = (TrainingSet.from_rows(rows, labels) for rows in (TAGS, iter(parts)))
    assert together.fingerprint() == whole.fingerprint()
    assert together.vocabulary == whole.vocabulary


@pytest.mark.parametrize(
    ("images", "order"), [(["10", "9"], "ba"), (["10", "9x"], "ab"), (["10", "09"], "ab"), (["2", "-1"], "ba")]
)
def test_images_are_numbers_only_if_all_are(images, order):
    rows = TagSet.from_rows(images, ["cat", "dog"], [1.0, 1.0])
    matched = TrainingSet.from_rows([rows], Labels(["first", "second"]))
    assert "".join("a" if row[0] else "b" for row in matched.tags) == order


def test_more_than_fits_into_memory_is_said_before_it_is_tried(monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=60))
    with pytest.raises(InputError, match=r"3 images × 3 columns takes .* GB of memory, and .* are free"):
        TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "awe"]))
