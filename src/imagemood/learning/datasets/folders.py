"""Folders of moods, as in FI: one subfolder of pictures per mood, also below folders of splits."""

from __future__ import annotations

from collections import defaultdict

from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.label_columns import SPLITS, is_emotion
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels
from imagemood.learning.mood_folders import find_labelled_pictures
from imagemood.pictures.reading.addresses import join

_LAYOUT = "one subfolder of pictures per mood"
_MIN_MOODS = 2


def _subfolders(survey: Survey) -> dict[str, set[str]]:
    """Return the folders with pictures at the top, and the folders with pictures in each of them."""
    folders: defaultdict[str, set[str]] = defaultdict(set)
    for path in survey.pictures:
        first, *rest = path.split("/")[:-1] or [""]
        if first:
            folders[first].update(rest[:1])
    return folders


def _parts(survey: Survey) -> dict[str, str]:
    """Return the split of each folder, as a path, that has subfolders of moods."""
    folders = _subfolders(survey)
    if folders and all(name.lower() in SPLITS and inner for name, inner in folders.items()):
        return {name: SPLITS[name.lower()] for name in folders}
    if len(folders) == 1:
        ((name, inner),) = folders.items()
        if sum(map(is_emotion, inner)) >= _MIN_MOODS:  # the folder that an archive was unpacked to
            return {name: ""}
    return {"": ""}


def _matches(survey: Survey) -> bool:
    return survey.labels is None and (len(_subfolders(survey)) >= _MIN_MOODS or "" not in _parts(survey))


def _read(survey: Survey) -> TableLabels:
    labels = TableLabels()
    for folder, split in _parts(survey).items():
        address = survey.address(folder) if folder else survey.root
        found, failures = find_labelled_pictures(address, options=survey.options, on_skip=survey.on_skip)
        labels.failures += failures
        # The key keeps the order by mood and name.
        for mood, picture in found:
            labels.found[join(folder, picture.name)] = LabelledPicture(picture, mood, split=split)
    return labels


FOLDERS = DatasetFormat("folders", "folders of moods", _LAYOUT, _matches, _read, takes_table=False)
