from __future__ import annotations

import numpy as np
import pytest

from imagemood import tables
from imagemood.errors import InputError, VocabularyError
from imagemood.learning import TrainingSet
from imagemood.models import model_directory
from imagemood.tables import Labels
from imagemood.tables.tag_set import TagSet

TAGS = TagSet.from_rows([7, 3, 3, 5], ["cat", "shark", "cat", "dog"], [1.0, 0.75, 0.25, 1.0])


def test_labels_without_names_belong_to_the_images_in_ascending_order():
    combined = TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "awe"]))
    assert combined.vocabulary == ("cat", "dog", "shark")
    np.testing.assert_array_equal(combined.tags, [[0.25, 0, 0.75], [0, 1, 0], [1, 0, 0]])
    assert combined.moods == ["fear", "joy", "awe"]


def test_labels_without_names_follow_the_first_rows_of_named_images():
    tags = TagSet.from_rows(["b.jpg", "a.jpg"], ["cat", "dog"], [1.0, 1.0])
    np.testing.assert_array_equal(TrainingSet.from_rows(tags, Labels(["joy", "awe"])).tags, [[1, 0], [0, 1]])


def test_labels_with_images_are_joined():
    combined = TrainingSet.from_rows(TAGS, Labels(["awe", "fear", "joy"], ["7", "3", "5"]))
    np.testing.assert_array_equal(combined.tags[:, 0], [1, 0.25, 0])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (Labels(["awe", "joy"]), "labels: 2 labels for 3 images"),
        (Labels(["awe", "joy"], ["7", "3"]), "labels: no label for 1 of 3 images, such as '5'"),
        (Labels(["awe", "joy", "joy", "joy"], ["7", "3", "5", "9"]), "no tags for 1 of 4 labelled pictures"),
        (Labels(["awe", "joy", "joy"], ["7", "3", "3"]), "picture '3' has two labels"),
        (Labels(["awe", "joy", "joy"], ["7", "3", "9"]), "no tags for 1 of 3 labelled pictures, such as '9'"),
    ],
)
def test_labels_of_other_images(labels, message):
    with pytest.raises(VocabularyError, match=message):
        TrainingSet.from_rows(TAGS, labels)


def test_summary_sums_scores_by_mood():
    combined = TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "joy"]))
    assert combined.summary(2) == {
        "fear": [("shark", 0.75), ("cat", 0.25)],
        "joy": [("cat", 1.0), ("dog", 1.0)],
    }


def test_the_fingerprint_identifies_a_training_set(training_set):
    fingerprints = {
        training_set.fingerprint(),
        training_set.select(["tags"]).fingerprint(),
        training_set.take(range(239)).fingerprint(),
        training_set.take(range(239, -1, -1)).fingerprint(),
    }
    assert len(fingerprints) == 4
    assert training_set.take(range(240)).fingerprint() == training_set.fingerprint()


def test_the_example():
    example = TrainingSet.example()
    assert example.images_per_mood == dict.fromkeys(
        ["amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness"], 200
    )
    assert np.count_nonzero(example.tags, axis=1).tolist() == [100] * 1600
    assert set(example.vocabulary) <= set(model_directory.load("tags").vocabulary)
    assert tables.read_labels(model_directory.builtin.path("example_labels.csv")).moods == example.moods


def test_rows_labels_and_features_are_joined_by_image():
    features = tables.FeatureTable(["7", "5", "3"], ("x",), np.float32([[7], [5], [3]]))
    combined = TrainingSet.from_rows(TAGS, Labels(["awe", "fear", "joy"], ["7", "3", "5"]), features)
    assert combined.visual.tolist() == [[7], [3], [5]]
    fewer = tables.FeatureTable(["7", "5"], ("x",), np.float32([[7], [5]]))
    with pytest.raises(VocabularyError, match="no features for 1 of 3 pictures, such as '3'"):
        TrainingSet.from_rows(TAGS, Labels(["a", "b", "c"]), fewer)


def test_rows_in_parts():
    parts = [TagSet(TAGS.table.slice(start, 1)) for start in range(TAGS.table.num_rows)]
    labels = Labels(["fear", "joy", "awe"])
    whole, combined = (TrainingSet.from_rows(rows, labels) for rows in (TAGS, iter(parts)))
    assert combined.fingerprint() == whole.fingerprint()
    assert combined.vocabulary == whole.vocabulary


def test_a_training_set_that_does_not_fit_into_memory(monkeypatch):
    monkeypatch.setattr("imagemood._available_memory._machine_bytes", lambda: 60)
    with pytest.raises(InputError, match=r"3 pictures × 3 columns needs .* GB of memory, but only .* are free"):
        TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "awe"]))


@pytest.mark.parametrize(
    ("images", "order"), [(["10", "9"], "ba"), (["10", "9x"], "ab"), (["10", "09"], "ab"), (["2", "-1"], "ba")]
)
def test_image_names_are_numbers_only_if_all_of_them_are(images, order):
    rows = TagSet.from_rows(images, ["cat", "dog"], [1.0, 1.0])
    combined = TrainingSet.from_rows([rows], Labels(["first", "second"]))
    assert "".join("a" if row[0] else "b" for row in combined.tags) == order


def test_selecting_inputs(with_visual):
    selected = with_visual.select(["visual", "tags"])
    assert list(selected.inputs) == ["tags", "visual"]  # always in the order of models
    assert selected.widths == {"tags": 30, "visual": 5}
    assert selected.embedding is None
    assert selected.moods == with_visual.moods
    np.testing.assert_array_equal(selected.features, np.hstack([with_visual.tags, with_visual.visual]))
    assert with_visual.select(["embedding"]).vocabulary == ()
    assert with_visual.select(["embedding"]).visual_names == ()


def test_selecting_missing_inputs(training_set):
    with pytest.raises(InputError, match="missing input 'visual' .the training set has tags, embedding"):
        training_set.select(["tags", "visual"])
    with pytest.raises(InputError, match="no inputs selected"):
        training_set.select([])


def test_taking_images(with_visual):
    taken = with_visual.take([5, 0, 5])
    assert taken.moods == [with_visual.moods[i] for i in (5, 0, 5)]
    for name, array in taken.inputs.items():
        np.testing.assert_array_equal(array, with_visual.inputs[name][[5, 0, 5]])
    assert (taken.vocabulary, taken.visual_names) == (with_visual.vocabulary, with_visual.visual_names)


def test_samples_are_stratified_and_nested(training_set):
    small, large = (training_set.sample(n, random_state=3) for n in (30, 60))
    assert small.images_per_mood == {"Große Freude": 15, "awe": 10, "quiet fear": 5}
    assert large.images_per_mood == {"Große Freude": 30, "awe": 20, "quiet fear": 10}
    rows = {row.tobytes() for row in large.tags}
    assert all(row.tobytes() in rows for row in small.tags)
    assert not np.array_equal(small.tags, training_set.sample(30, random_state=4).tags)


def test_a_sample_is_not_larger_than_the_training_set(training_set):
    assert training_set.sample(240) is training_set
    assert training_set.sample(1000) is training_set
    with pytest.raises(VocabularyError, match="a sample of 2 images would not contain the mood 'quiet fear'"):
        training_set.sample(2)


def test_the_number_of_images_per_mood_is_sorted_by_name(training_set):
    assert list(training_set.images_per_mood.items()) == [("Große Freude", 120), ("awe", 80), ("quiet fear", 40)]


def test_there_is_no_summary_without_tags(training_set):
    assert training_set.select(["embedding"]).summary(3) == {}


def test_the_summary_leaves_out_tags_without_a_score():
    combined = TrainingSet.from_rows(TAGS, Labels(["fear", "joy", "joy"]))
    assert combined.summary(10)["joy"] == [("cat", 1.0), ("dog", 1.0)]
