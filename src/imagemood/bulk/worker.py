"""What is done with a chunk, wherever Daft lets it be done: read, classify, and write its file."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from imagemood.bulk import plan, rows
from imagemood.bulk.job import Job
from imagemood.errors import IncompatibleModelError, MoodError
from imagemood.pictures import addresses, opening, storage


@dataclass(frozen=True)
class Outcome:
    """What became of a chunk.

    Attributes
    ----------
    n : int
        Pictures in it.
    problem : str or None
        Why the run cannot go on, if so.
    """

    n: int
    problem: str | None = None


class Worker:
    """Works on chunks; several threads share one, and each takes a chunk.

    Parameters
    ----------
    job : Job
        What to do.
    fingerprint : str
        Hash that the models must have, here as where the run was started.

    Raises
    ------
    IncompatibleModelError
        If the models on this machine are others.
    """

    def __init__(self, job: Job, fingerprint: str) -> None:
        if job.fingerprint != fingerprint:
            raise IncompatibleModelError("the models on this machine are not those of the machine that asks")
        self._job = job
        self._model = fingerprint
        self._cascade = job.load()
        self._layout = rows.schema(self._cascade.require_mood_classifier().labels, job.columns)

    def work(self, part: str, packed: bytes) -> Outcome:
        """Classify a chunk and write its file.

        Parameters
        ----------
        part : str
            The file's name.
        packed : bytes
            The pictures' names.

        Returns
        -------
        Outcome
            A picture that cannot be used is a row with an error, and no problem.
        """
        job, names = self._job, plan.unpack(packed)
        with_visual = job.columns.features
        try:
            with opening.open_pictures(names, folder=job.folder, column=job.column) as pictures:
                n_batch = self._cascade.batch_size
                batches = iter(lambda: list(itertools.islice(pictures, n_batch)), [])
                answers = (self._cascade.classify_batch(batch, with_visual=with_visual) for batch in batches)
                results = list(itertools.chain.from_iterable(answers))
            content = rows.encode(results, self._model, self._layout, job.columns)
            storage.write(addresses.join(job.target, part), content)
        except MoodError as error:
            return Outcome(0, str(error))
        return Outcome(len(names))
