"""What a dataset is of, and what it came to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from imagemood.pictures import addresses


@dataclass(frozen=True)
class Note:
    """What a dataset is of.

    Attributes
    ----------
    source, column : str, str or None
        Where the pictures came from.
    holds_files : bool
        Whether the column holds picture files, not their paths.
    folder : str
        What their relative paths start from.
    labels : list of str
        The moods.
    model : str
        The models' hash.
    options : dict
        What decides on the rows beside the models.
    n_pictures, n_files : int
        Pictures, and files that hold their rows once the run has ended.
    """

    source: str
    column: str | None
    holds_files: bool
    folder: str
    labels: list[str]
    model: str
    options: dict[str, Any]
    n_pictures: int
    n_files: int

    @property
    def place(self) -> str:
        """The source, wherever one stands."""
        return (
            self.source if "://" in self.source else os.path.normpath(addresses.absolute(self.folder, self.source))
        )


@dataclass(frozen=True)
class Summary:
    """What some pictures of a dataset came to.

    Attributes
    ----------
    n : int
        Pictures.
    moods : dict of str to int
        Pictures by their most probable mood, most first.
    errors : dict of str to int
        Pictures that could not be used, by the kind of error, most first.
    examples : dict of str to str
        One picture for each kind of error.
    """

    n: int
    moods: dict[str, int]
    errors: dict[str, int]
    examples: dict[str, str]

    @property
    def n_failed(self) -> int:
        """Pictures that could not be used."""
        return sum(self.errors.values())
