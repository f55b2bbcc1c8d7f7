"""The mood rows that a mood classifier predicts from tag rows."""

from __future__ import annotations

from dataclasses import dataclass

from imagemood.tables.tag_set import TagSet


@dataclass(frozen=True, eq=False)
class MoodRows:
    """The mood rows that were predicted from tag rows.

    Attributes
    ----------
    rows : TagSet
        Rows (image, mood, probability): the images in the order of the tag rows, the moods of each in descending
        order of probability. The probabilities of an image sum to 1.
    n_unknown_rows : int
        Number of tag rows that were ignored because the model does not know their tag.
    unknown_tags : tuple of str
        The tags of the ignored rows, each once.
    images_without_known_tag : list of int or list of str
        Images none of whose tags is in the vocabulary; their probabilities are the prior of the moods.
    """

    rows: TagSet
    n_unknown_rows: int
    unknown_tags: tuple[str, ...]
    images_without_known_tag: list[int] | list[str]
