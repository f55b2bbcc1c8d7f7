"""ArtPhoto: one folder of pictures whose names start with the mood, such as ``amusement_0487.jpg``."""

from __future__ import annotations

import re
from collections import Counter

from imagemood.errors import InputError
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.label_columns import is_emotion, mood_name
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels

_NAME = re.compile(r"(?P<mood>[^\W\d_]+)[ _-]?\d+(?=\D|$)")
_LAYOUT = "one folder of pictures named mood_number.jpg"


def _moods(survey: Survey) -> dict[str, str]:
    """Return the mood in the name of each picture that has one, in the folder with the most such pictures."""
    moods = {}
    for path in survey.pictures:
        found = _NAME.match(path.rpartition("/")[2])
        if found and is_emotion(found["mood"]):
            moods[path] = mood_name(found["mood"].lower())
    folders = Counter(path.rpartition("/")[0] for path in moods)
    if not folders:
        return {}
    ((folder, _),) = folders.most_common(1)
    return {path: mood for path, mood in moods.items() if path.rpartition("/")[0] == folder}


def _matches(survey: Survey) -> bool:
    moods = _moods(survey)
    return survey.labels is None and len(set(moods.values())) > 1 and len(moods) > len(survey.pictures) / 2


def _read(survey: Survey) -> TableLabels:
    moods = _moods(survey)
    if not moods:
        raise InputError("no picture has a name that starts with a mood", where=survey.name(""))
    return TableLabels({path: LabelledPicture(survey.pictures[path], mood) for path, mood in moods.items()})


ART_PHOTO = DatasetFormat("artphoto", "ArtPhoto", _LAYOUT, _matches, _read, takes_table=False)
