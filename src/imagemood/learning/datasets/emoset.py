"""EmoSet-118K: the official splits in JSON, or the annotation files."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imagemood.errors import InputError, MoodError
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.datasets.picture_index import PictureIndex
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels
from imagemood.pictures.reading.addresses import is_picture

_SPLIT_FILES = {"train.json": "train", "val.json": "val", "test.json": "test"}
_ANNOTATIONS = "annotation"
_LAYOUT = "train.json, val.json and test.json beside the folders image and annotation"


class _Annotation(msgspec.Struct):
    """The fields of an annotation file that are used; the others describe the picture's attributes."""

    image_id: str
    emotion: str


def _split_files(survey: Survey) -> list[str]:
    return survey.files_named(lambda name: name in _SPLIT_FILES)


def _annotation_files(survey: Survey) -> list[str]:
    files = survey.files_named(lambda name: name.endswith(".json"))
    return [path for path in files if _ANNOTATIONS in path.lower().split("/")[:-1]]


def _matches(survey: Survey) -> bool:
    if survey.labels is not None:
        return False
    return bool(_annotation_files(survey)) or any(_is_split_file(survey, path) for path in _split_files(survey))


def _is_split_file(survey: Survey, path: str) -> bool:
    try:
        return bool(_entries(survey, path))
    except MoodError:
        return False


def _entries(survey: Survey, path: str) -> list[tuple[str, str]]:
    """Return the mood and the path of the picture in each entry of a split file."""
    try:
        lists = msgspec.json.decode(survey.read(path), type=list[list[str]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not a split of EmoSet: {error}", where=survey.name(path)) from None
    entries = []
    for number, entry in enumerate(lists, start=1):
        picture = next((field for field in entry[1:] if is_picture(field)), None)
        if picture is None:
            raise InputError(
                f"entry {number} has no path of a picture", where=survey.name(path), hint="use a split of EmoSet"
            )
        entries.append((entry[0], picture))
    return entries


def _read(survey: Survey) -> TableLabels:
    labels, index = TableLabels(), PictureIndex(survey.pictures)
    for where, folder, mood, name, split in _labels(survey, labels.failures):
        try:
            path = index.find(name, folder)
        except InputError as error:
            labels.failures.append(InputError(error.what, where=where, hint=error.hint))
            continue
        if path is None:
            labels.failures.append(InputError(f"no picture '{name}'", where=where))
        elif path in labels.found and (labels.found[path].mood, labels.found[path].split) != (mood, split):
            labels.failures.append(InputError(f"picture '{name}' has another label or split", where=where))
        else:
            labels.found[path] = LabelledPicture(survey.pictures[path], mood, split=split)
    return labels


def _labels(survey: Survey, failures: list[MoodError]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the name of the file, its folder, the mood, the picture and the split of each label."""
    if files := _split_files(survey):
        for path in files:
            folder, _, name = path.rpartition("/")
            for mood, picture in _entries(survey, path):
                yield survey.name(path), folder, mood, picture, _SPLIT_FILES[name.lower()]
        return
    if not (annotations := _annotation_files(survey)):
        raise InputError("no train.json, and no annotations", where=survey.name(""))
    for path in annotations:
        try:
            annotation = msgspec.json.decode(survey.read(path), type=_Annotation)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            failures.append(InputError(f"not an annotation of EmoSet: {error}", where=survey.name(path)))
        except MoodError as error:
            failures.append(error)
        else:
            yield survey.name(path), "", annotation.emotion, annotation.image_id, ""


EMOSET = DatasetFormat("emoset", "EmoSet", _LAYOUT, _matches, _read, takes_table=False)
