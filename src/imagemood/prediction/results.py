"""The results for many pictures, which are computed while they are iterated."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

from imagemood.prediction.result import Result


class Results(Iterator[Result]):
    """An iterator over the results for several pictures, in the order of the pictures.

    The results are computed a few pictures ahead. Each can be used once; ``list(results)`` keeps them all.

    See Also
    --------
    imagemood.classify_many : Returns such an iterator.

    Examples
    --------
    >>> from imagemood import classify_many
    >>> from imagemood.pictures import samples
    >>> results = classify_many([samples.all_samples()[0].path])
    >>> next(results).error is None
    True
    """

    def __init__(self, results: Generator[Result], labels: Sequence[str] = ()) -> None:
        self._results = results
        self._labels = labels

    def __next__(self) -> Result:
        result = next(self._results)
        # With the moods, a table has the same columns even if no picture could be classified.
        return result if result.error is None else replace(result, labels=self._labels)

    def __repr__(self) -> str:
        return "<imagemood.Results: iterate over them, or use list(…) or to_dataframe()>"

    def close(self) -> None:
        """Stop the computation; there are no further results."""
        self._results.close()

    def to_dataframe(self, *, tags: int = 0, backend: str | None = None) -> Any:
        """Compute the remaining results, and return them as a table.

        Parameters
        ----------
        tags, backend
            As for `imagemood.to_dataframe`.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            One row for each result, as `imagemood.to_dataframe` describes.

        Examples
        --------
        >>> from imagemood import classify_many
        >>> classify_many([None]).to_dataframe(backend="pandas")[["image", "mood"]].values.tolist()
        [['image[0]', nan]]
        """
        from imagemood.prediction.data_frames import to_dataframe  # noqa: PLC0415

        return to_dataframe(self, tags=tags, backend=backend)
