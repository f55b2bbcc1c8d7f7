"""The list of the formats of datasets, and the choice of the one that a folder has."""

from __future__ import annotations

from imagemood.errors import InputError
from imagemood.learning.datasets.affective_norms import GAPED, IAPS, OASIS
from imagemood.learning.datasets.any_table import ANY_TABLE
from imagemood.learning.datasets.art_photo import ART_PHOTO
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.emoset import EMOSET
from imagemood.learning.datasets.folders import FOLDERS
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.twitter import TWITTER
from imagemood.learning.datasets.vote_tables import ABSTRACT_PAINTINGS, EMOTION6, LABEL_DISTRIBUTIONS

_SPECIFIC = (
    ABSTRACT_PAINTINGS,
    EMOTION6,
    LABEL_DISTRIBUTIONS,
    EMOSET,
    TWITTER,
    IAPS,
    OASIS,
    GAPED,
)
_GENERAL = (ART_PHOTO, FOLDERS, ANY_TABLE)  # which other files may look like

FORMATS = {dataset_format.name: dataset_format for dataset_format in (*_SPECIFIC, *_GENERAL)}
"""Every format by its name."""


def detect(survey: Survey) -> DatasetFormat:
    """Return the format of the dataset in a folder.

    The files of a published dataset have precedence over names of pictures, folders of moods and other tables.
    Without any of them, the format is folders of moods, or a table if one was given.

    Raises
    ------
    InputError
        If the folder has the layouts of several formats.
    """
    for group in (_SPECIFIC, _GENERAL):
        found = [dataset_format for dataset_format in group if dataset_format.matches(survey)]
        if len(found) > 1:
            raise InputError(
                f"could be {' or '.join(one.title for one in found)}",
                where=survey.name("") if survey.labels is None else survey.labels.where,
                hint=f"choose one with --images-format: {', '.join(one.name for one in found)}",
            )
        if found:
            return found[0]
    return FOLDERS if survey.labels is None else ANY_TABLE


def get_format(name: str) -> DatasetFormat:
    """Return the format with a name.

    Raises
    ------
    InputError
        If no format has this name.

    Examples
    --------
    >>> get_format("artphoto").title
    'ArtPhoto'
    """
    if name not in FORMATS:
        raise InputError(f"unknown format of datasets '{name}'", hint=f"choose one of {', '.join(FORMATS)}")
    return FORMATS[name]
