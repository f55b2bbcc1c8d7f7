from __future__ import annotations

import pytest

from imagemood.errors import InputError, VocabularyError
from imagemood.learning.datasets.format_names import DATASET_FORMATS
from imagemood.learning.datasets.labelled_dataset import read_dataset
from imagemood.learning.datasets.registry import FORMATS
from tests.learning.datasets import imitations
from tests.learning.datasets.imitations import write_pictures


def labels(dataset, root):
    """Return the moods by the path of the picture."""
    return {one.picture.name.removeprefix(f"{root}/"): one.mood for one in dataset.pictures}


def ratings(dataset):
    return {one.picture.name.rpartition("/")[2]: (one.valence, one.arousal) for one in dataset.pictures}


def read(root, **options):
    """Read a dataset without failures and without skipped pictures."""
    skipped = []
    dataset = read_dataset(root, on_skip=skipped.append, **options)
    assert dataset.failures == []
    assert not [one for one in skipped if "without a label" in str(one)]
    return dataset


IMITATIONS = {
    "artphoto": (imitations.art_photo, "read as ArtPhoto: 16 pictures, 8 moods"),
    "abstract": (imitations.abstract_paintings, "read as Abstract paintings: 4 pictures, 4 moods, votes (1 tied)"),
    "emotion6": (imitations.emotion6, "read as Emotion6: 6 pictures, 4 moods, votes, valence and arousal"),
    "ldl": (imitations.twitter_ldl, "read as Twitter-LDL or Flickr-LDL: 3 pictures, 3 moods, votes (1 tied)"),
    "emoset": (imitations.emoset, "read as EmoSet: 6 pictures, 2 moods, split into train 2, val 2, test 2"),
    "twitter": (imitations.twitter, "read as Twitter I or II: 3 pictures, 2 moods"),
    "iaps": (imitations.iaps, "read as IAPS: 3 pictures, valence and arousal"),
    "oasis": (imitations.oasis, "read as OASIS: 2 pictures, valence and arousal"),
    "gaped": (imitations.gaped, "read as GAPED: 3 pictures, valence and arousal"),
    "folders": (imitations.fi, "read as folders of moods: 16 pictures, 8 moods"),
}


@pytest.mark.parametrize("name", IMITATIONS)
def test_the_format_of_a_published_data_set_is_detected(name, tmp_path):
    make, description = IMITATIONS[name]
    make(tmp_path)
    assert str(read(tmp_path)) == description
    assert str(read(tmp_path, format_name=name)) == description


@pytest.mark.parametrize("name", IMITATIONS)
def test_the_folder_around_a_data_set_can_be_given(name, tmp_path):
    make, description = IMITATIONS[name]
    make(tmp_path / "download" / name)
    assert str(read(tmp_path / "download")) == description


def test_the_command_line_knows_all_formats():
    assert tuple(FORMATS) == DATASET_FORMATS
    assert {*IMITATIONS, "table"} == {*FORMATS}


def test_the_moods_of_art_photo(tmp_path):
    root = imitations.art_photo(tmp_path, n=1)
    assert sorted(labels(read(root), root).values()) == sorted(imitations.MIKELS)


def test_the_votes_of_abstract_paintings(tmp_path):
    imitations.abstract_paintings(tmp_path)
    dataset = read(tmp_path)
    assert list(labels(dataset, tmp_path).values()) == ["contentment", "amusement", "fear", "sadness"]
    assert dict(dataset.pictures[2].votes) == pytest.approx(
        dict(zip(imitations.MIKELS, [0, 1 / 14, 0, 0, 2 / 14, 0, 8 / 14, 3 / 14], strict=True))
    )
    majority = dataset.by_majority()
    assert list(labels(majority, tmp_path).values()) == ["contentment", "fear", "sadness"]
    assert majority.pictures[0].votes is None


def test_the_distributions_and_ratings_of_emotion6(tmp_path):
    imitations.emotion6(tmp_path)
    dataset = read(tmp_path)
    found = labels(dataset, tmp_path)
    assert found["images/disgust/1.jpg"] == "disgust"
    assert found["images/anger/2.jpg"] == "neutral"
    first = next(one for one in dataset.pictures if one.picture.name.endswith("disgust/1.jpg"))
    assert first.votes["disgust"] == pytest.approx(0.7, abs=1e-6)
    assert (first.valence, first.arousal) == (2.5, 3.8)


def test_the_splits_of_emoset(tmp_path):
    imitations.emoset(tmp_path)
    test = read(tmp_path).of_splits(["test"])
    assert labels(test, tmp_path) == {
        "image/amusement/amusement_00002.jpg": "amusement",
        "image/fear/fear_00005.jpg": "fear",
    }
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}.json").unlink()
    dataset = read(tmp_path)
    assert str(dataset) == "read as EmoSet: 6 pictures, 2 moods"


def test_the_sentiment_of_twitter(tmp_path):
    imitations.twitter(tmp_path)
    assert list(labels(read(tmp_path), tmp_path).values()) == ["positive", "negative", "positive"]
    five = tmp_path / "ground_truth" / "twitter_four_agrees.txt"
    skipped = []
    dataset = read_dataset(tmp_path, labels=five, on_skip=skipped.append)
    assert list(labels(dataset, tmp_path).values()) == ["positive", "negative"]
    assert f"{tmp_path}/images/8c.jpg: picture without a label" in map(str, skipped)
    (tmp_path / "signed.csv").write_text("6a.jpg;-1\n7b.jpg;0\n8c.jpg;+1\n")
    signed = read(tmp_path, labels=tmp_path / "signed.csv")
    assert list(labels(signed, tmp_path).values()) == ["negative", "neutral", "positive"]


def test_the_ratings_of_affective_norms(tmp_path):
    assert ratings(read(imitations.iaps(tmp_path / "iaps"))) == {
        "1050.jpg": (3.46, 6.87),
        "1051.jpg": (pytest.approx(3.9), pytest.approx(6.06)),
        "2055.1.JPG": (3.1, 5),
    }
    assert ratings(read(imitations.oasis(tmp_path / "oasis"))) == {
        "Acorns 1.jpg": (4.6863, 2.3465),
        "Bark 3.jpg": (4.1, 2.1),
    }
    assert ratings(read(imitations.gaped(tmp_path / "gaped"))) == {
        "A001.bmp": (12.5, 60.1),
        "A002.bmp": (30.5, 55),
        "P001.bmp": (88, 20),
    }


def test_folders_of_splits(tmp_path):
    write_pictures(tmp_path, [f"{split}/{mood}/a.jpg" for split in ("train", "Test") for mood in ("joy", "rage")])
    dataset = read(tmp_path)
    assert str(dataset) == "read as folders of moods: 4 pictures, 2 moods, split into train 2, test 2"
    assert {one.mood for one in dataset.of_splits(["test"]).pictures} == {"joy", "rage"}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("image,mood\nphotos/a b.jpg,great joy\nc.jpg,calm\n", ["great joy", "calm"]),
        ("Image;Label\nA B.JPG;great joy\nC;calm\n", ["great joy", "calm"]),
        ("name\temotion\tnote\na b.jpg\tjoy\tx\nphotos\\c.png\tcalm\t\n", ["joy", "calm"]),
        ('file_name|class\n"a b.jpg"|joy\n/mnt/other/photos/c.png|calm\n', ["joy", "calm"]),
        ("a b.jpg,joy\nc.png,calm\n", ["joy", "calm"]),
        ("joy,a b.jpg\ncalm,c.png\n", ["joy", "calm"]),
        ("image,joy,calm\na b.jpg,3,1\nc.png,\"0,5\",0.6\n", ["joy", "calm"]),
        ("image, mood\n\"a b.jpg\" , joy\n  c.png ,\"calm\"  \n", ["joy", "calm"]),
        ("mood,image\njoy,a b.jpg\n\n'calm',c.png\n", ["joy", "calm"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_table_of_labels(table, expected, encoding, tmp_path):
    write_pictures(tmp_path, ["photos/a b.jpg", "photos/c.png"])
    file = tmp_path / "labels.csv"
    file.write_bytes(table.encode(encoding))
    assert list(labels(read(tmp_path), tmp_path).values()) == expected
    assert list(labels(read(tmp_path / "photos", labels=file), tmp_path).values()) == expected
    assert list(labels(read(file), tmp_path).values()) == expected


def test_labels_with_umlauts_in_another_encoding(tmp_path):
    write_pictures(tmp_path, ["größe.jpg", "b.jpg"])
    (tmp_path / "labels.csv").write_bytes("image;mood\ngröße.jpg;Große Freude\nb.jpg;Ruhe\n".encode("cp1252"))
    assert labels(read(tmp_path), tmp_path) == {"größe.jpg": "Große Freude", "b.jpg": "Ruhe"}


def test_labels_in_the_order_of_the_names(tmp_path):
    write_pictures(tmp_path / "photos", ["b.jpg", "a.jpg", "c.jpg"])
    (tmp_path / "labels.txt").write_text("great joy\ncalm\nfear\n")
    dataset = read(tmp_path / "photos", labels=tmp_path / "labels.txt")
    assert labels(dataset, tmp_path / "photos") == {"a.jpg": "great joy", "b.jpg": "calm", "c.jpg": "fear"}
    (tmp_path / "labels.txt").write_text("joy\ncalm\n")
    with pytest.raises(VocabularyError, match="2 labels for 3 pictures"):
        read_dataset(tmp_path / "photos", labels=tmp_path / "labels.txt")


def test_columns_with_other_names_are_votes_only_in_given_labels(tmp_path):
    write_pictures(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "votes.csv").write_text("image,nostalgia,serenity\na.jpg,3,1\nb.jpg,0,2\n")
    with pytest.raises(InputError, match="no subfolders with pictures"):
        read_dataset(tmp_path)
    dataset = read(tmp_path, labels=tmp_path / "votes.csv")
    assert list(labels(dataset, tmp_path).values()) == ["nostalgia", "serenity"]


def test_splits_in_tables(tmp_path):
    write_pictures(tmp_path, ["a.jpg", "b.jpg", "c.jpg"])
    (tmp_path / "labels.csv").write_text(
        "image,mood,split\na.jpg,joy,train\nb.jpg,calm,Test\nc.jpg,joy,validation\n"
    )
    assert read(tmp_path).splits == {"train": 1, "val": 1, "test": 1}
    (tmp_path / "labels.csv").unlink()
    (tmp_path / "train.csv").write_text("image,mood\na.jpg,joy\nc.jpg,calm\n")
    (tmp_path / "test.csv").write_text("image,mood\nb.jpg,joy\n")
    assert read(tmp_path).splits == {"train": 2, "test": 1}


def test_missing_pictures_and_unusable_rows_are_named(tmp_path):
    write_pictures(tmp_path, ["a.jpg", "x/b.jpg", "y/b.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg"])
    rows = ["image,joy,fear,note", "a.jpg,3,1,", "lost.jpg,1,2,", "b.jpg,1,1,", "d.jpg,many,1,", "e.jpg,1"]
    rows += ["f.jpg,-1,2,", "g.jpg,0,0,", "y/b.jpg,1,1,"]
    (tmp_path / "votes.csv").write_text("\n".join(rows))
    skipped = []
    dataset = read_dataset(tmp_path, labels=tmp_path / "votes.csv", on_skip=skipped.append)
    assert list(labels(dataset, tmp_path)) == ["a.jpg", "y/b.jpg"]
    where = f"{tmp_path}/votes.csv, line"
    assert list(map(str, dataset.failures)) == [
        f"{where} 3: no picture 'lost.jpg'",
        f"{where} 4: 'b.jpg' fits several pictures: x/b.jpg, y/b.jpg (use their paths)",
        f"{where} 5: 'many' is not a number",
        f"{where} 6: 2 fields instead of 3 or more",
        f"{where} 7: a negative number of votes",
    ]
    unlabelled = {str(one).partition(": picture")[0] for one in skipped if "without a label" in str(one)}
    assert unlabelled == {f"{tmp_path}/{name}.jpg" for name in ("d", "e", "f", "g", "x/b")}


def test_contradictory_labels_are_not_used(tmp_path):
    write_pictures(tmp_path, ["a.jpg", "b.jpg", "c.jpg"])
    (tmp_path / "labels.csv").write_text("image,mood\na.jpg,joy\nb.jpg,fear\na.jpg,fear\nb.jpg,fear\n")
    dataset = read_dataset(tmp_path)
    assert labels(dataset, tmp_path) == {"b.jpg": "fear"}
    (failure,) = dataset.failures
    assert str(failure) == f"{tmp_path}/labels.csv, line 4: picture 'a.jpg' has other labels in line 2"


def test_pictures_of_another_folder_do_not_get_the_label(tmp_path):
    write_pictures(tmp_path, ["images/fear/1.jpg", "images/joy/2.jpg"])
    (tmp_path / "labels.csv").write_text("image,mood\ndisgust/1.jpg,disgust\njoy/2.jpg,joy\n")
    dataset = read_dataset(tmp_path, labels=tmp_path / "labels.csv")
    assert labels(dataset, tmp_path) == {"images/joy/2.jpg": "joy"}
    assert "no picture 'disgust/1.jpg'" in str(dataset.failures[0])


def test_layouts_that_are_ambiguous_are_refused(tmp_path):
    imitations.fi(tmp_path)
    (tmp_path / "labels.csv").write_text("image,mood\namusement_0.jpg,joy\n")
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/: could be folders of moods or a table of labels "
        "(choose one with --images-format: folders, table)"
    )
    assert len(read_dataset(tmp_path, format_name="folders").pictures) == 16
    assert len(read_dataset(tmp_path, format_name="table").pictures) == 1
    assert len(read_dataset(tmp_path, labels=tmp_path / "labels.csv").pictures) == 1
    (tmp_path / "labels.csv").write_text("image,mood,probability\namusement_0.jpg,joy,0.5\n")
    assert str(read(tmp_path)) == "read as folders of moods: 16 pictures, 8 moods"


def test_a_table_beside_pictures_with_moods_in_their_names_is_ambiguous(tmp_path):
    write_pictures(tmp_path, ["awe_1.jpg", "fear_2.jpg"])
    (tmp_path / "labels.csv").write_text("image,mood\nawe_1.jpg,joy\nfear_2.jpg,rage\n")
    with pytest.raises(
        InputError, match=r"could be ArtPhoto or a table of labels \(choose one with --images-format"
    ):
        read_dataset(tmp_path)


def test_only_given_tables_name_pictures_elsewhere(tmp_path, sample_photos):
    write_pictures(tmp_path, ["a.jpg"])
    elsewhere = sample_photos / "rocket.jpg"
    rows = ["image,mood", "a.jpg,joy", f"{elsewhere},fear", "https://example.org/b.jpg,awe"]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    found = read_dataset(tmp_path)
    assert [one.mood for one in found.pictures] == ["joy"]
    assert [f"no picture '{name}'" in str(failure) for name, failure in zip(
        (elsewhere, "https://example.org/b.jpg"), found.failures, strict=True)] == [True, True]  # fmt: skip
    given = read_dataset(tmp_path, labels=tmp_path / "labels.csv")
    names = [one.picture.name for one in given.pictures]
    assert names == [f"{tmp_path}/a.jpg", str(elsewhere), "https://example.org/b.jpg"]


def test_several_tables_are_refused(tmp_path):
    write_pictures(tmp_path, ["a.jpg", "b.jpg"])
    for name in ("labels.csv", "others.csv"):
        (tmp_path / name).write_text("image,mood\na.jpg,joy\nb.jpg,calm\n")
    with pytest.raises(
        InputError, match=r"several tables of labels: labels.csv, others.csv \(use one with --labels\)"
    ):
        read_dataset(tmp_path)


@pytest.mark.parametrize("name", [name for name in DATASET_FORMATS if name != "folders"])
def test_a_format_that_a_folder_does_not_have(name, tmp_path):
    write_pictures(tmp_path, ["x.jpg"])
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path, format_name=name)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no rows"),
        (b"\x00\x01\x02,\x00", "not a text file"),
        (b"image,mood\n", "no rows"),
        (b'image,mood\n"a.jpg,joy\nb.jpg,fear\n', "not a table: unexpected end of data"),
        (b"width,height\n3,4\n", "not a table of labels"),
        (b'[{"image": "a.jpg", "mood": "joy"}]', "JSON, not a text table"),
    ],
)
def test_labels_that_cannot_be_read(content, message, tmp_path):
    write_pictures(tmp_path / "photos", ["a.jpg", "b.jpg", "c.jpg"])
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path / "photos", labels=tmp_path / "labels.csv")


def test_damaged_files_of_emoset(tmp_path):
    imitations.emoset(tmp_path)
    (tmp_path / "train.json").write_text("[[1]]")
    with pytest.raises(InputError, match=r"train.json: not a split of EmoSet: Expected `str`, got `int`"):
        read_dataset(tmp_path)
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}.json").unlink()
    (tmp_path / "annotation" / "fear" / "fear_00005.json").write_text("{}")
    dataset = read_dataset(tmp_path)
    assert len(dataset.pictures) == 5
    assert "fear_00005.json: not an annotation of EmoSet" in str(dataset.failures[0])
