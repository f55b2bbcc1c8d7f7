"""Every exception this package raises, each with what was wrong, where, and what to do."""

from __future__ import annotations


class MoodError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    what : str
        What was wrong, without a full stop.
    where : str, optional
        The file, row or field it was found in.
    hint : str, optional
        What to do about it.

    Examples
    --------
    >>> print(MoodError("no column 'score'", where="tags.csv", hint="add one"))
    tags.csv: no column 'score' (add one)
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # The default rebuilds from `args` alone, and where and hint would be lost between processes.
        return (_rebuild, (type(self), self.__dict__))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return " ".join(f"{place}{self.what}{advice}".split())


def _rebuild(kind: type[MoodError], state: dict[str, object]) -> MoodError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (state["what"],)
    return error


class InputError(MoodError, ValueError):
    """What the user gave cannot be used."""


class ImageError(InputError):
    """A picture cannot be read or decoded."""


class TagFileError(InputError):
    """A table of tag rows breaks its format.

    Parameters
    ----------
    what : str
        What was wrong.
    file : str
        The file's name; ``-`` for standard input.
    row : int, optional
        Number of the offending row: 1 is the first row of data, a header not counted.
    field : str, optional
        The offending column.
    hint : str, optional
        What to do about it.

    Examples
    --------
    >>> print(TagFileError("'abc' is not a number", file="tags.csv", row=3, field="score"))
    tags.csv, row 3, field 'score': 'abc' is not a number
    """

    def __init__(
        self,
        what: str,
        *,
        file: str,
        row: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        parts = [file]
        if row is not None:
            parts.append(f"row {row}")
        if field is not None:
            parts.append(f"field '{field}'")
        super().__init__(what, where=", ".join(parts), hint=hint)
        self.file = file
        self.row = row
        self.field = field


class VocabularyError(InputError):
    """Tags, labels or moods do not fit each other."""


class ModelError(MoodError):
    """A model cannot be used."""


class BundleError(ModelError):
    """A model directory is incomplete, damaged or changed since it was written."""


class IncompatibleModelError(ModelError):
    """A model is sound but does not fit its use: it needs an embedding, say, where there are only tags."""


class MissingExtraError(MoodError, ImportError):
    """An optional dependency is not installed.

    Parameters
    ----------
    package : str
        The missing package.
    extra : str
        The extra of this project that installs it.

    Examples
    --------
    >>> print(MissingExtraError("scikit-image", extra="samples"))
    scikit-image is not installed (pip install 'image-mood-classifier[samples]')
    """

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed", hint=f"pip install 'image-mood-classifier[{extra}]'")
        self.package = package
        self.extra = extra


class RemoteError(MoodError):
    """Another machine refused, failed or took too long."""


class UnavailableError(RemoteError):
    """Another machine does not answer for now; what was asked of it may go well later."""


class OverloadedError(MoodError):
    """There is more to do than can be kept waiting; it may be asked again later."""
