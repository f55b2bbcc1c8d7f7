"""What a bulk run is to do with each picture: all that a worker must know."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field

from imagemood.bulk.rows import Columns
from imagemood.models import model_directory
from imagemood.models.model_hash import model_hash
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade


@dataclass(frozen=True)
class Job:
    """All that a worker must know.

    Attributes
    ----------
    target : str
        Address of the dataset.
    columns : Columns
        What rows hold beside moods.
    model, tagger : str or None
        As `Cascade.load` takes them; they lie under the same path on every machine.
    n_views : int
        1, or 2 to look at mirror images, too.
    column : str or None
        The column of picture files, where the pictures' names are rows of a table.
    folder : str
        What relative paths start from.
    device : str
        Where to run the tagger's network, as `Cascade.load` takes it: each machine for itself.
    """

    target: str
    columns: Columns = field(default_factory=Columns)
    model: str | None = None
    tagger: str | None = None
    n_views: int = 1
    column: str | None = None
    folder: str = field(default_factory=os.getcwd)
    device: str = "auto"

    @property
    def fingerprint(self) -> str:
        """Hash of the models' files."""
        return model_hash(self.model, self.tagger)

    @property
    def options(self) -> dict[str, int | bool]:
        """What decides on the rows beside the models."""
        return {**asdict(self.columns), "n_views": self.n_views}

    def load(self) -> Cascade:
        """Load the models, to be run on one thread by each of several callers.

        Returns
        -------
        Cascade
            Ready to use.

        Raises
        ------
        ModelError
            If a model is missing, damaged, or the two do not fit each other.
        """
        tagger = Tagger.load(self.tagger, n_threads=1, device=self.device)
        moods = model_directory.load(self.model).with_threads(1)
        return Cascade(tagger, moods, n_workers=1, n_views=self.n_views)
