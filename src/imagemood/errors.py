"""The exceptions of this package. Their messages state what is wrong, where, and what to do about it."""

from __future__ import annotations

from typing import Self

from imagemood._installation import install_command
from imagemood._text import printable, shortened, without_passwords

_MAX_LENGTH = 800  # of the parts of a message, which may quote any text


class MoodError(Exception):
    """Base class of all exceptions that this package raises.

    ``str(error)`` is one line of printable text: ``where: what (hint)``.

    Parameters
    ----------
    what : str
        What is wrong, without a full stop.
    where : str, optional
        The file, row or field in which it was found.
    hint : str, optional
        What the user can do about it, as an imperative.

    Attributes
    ----------
    what, where, hint
        The parameters of the same names.

    Examples
    --------
    >>> print(MoodError("missing column 'score'", where="tags.csv", hint="add the column"))
    tags.csv: missing column 'score' (add the column)
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(without_passwords(what))
        self.what = without_passwords(what)
        self.where = where and without_passwords(where, is_address=True)
        self.hint = hint and without_passwords(hint)

    def __reduce__(self) -> tuple[object, ...]:
        # Exception.__reduce__ preserves only `args`, so where and hint would be lost between processes.
        return (_restore, (type(self), self.__dict__))

    @property
    def message(self) -> str:
        """The error and the hint in one line, without the place; long texts are shortened."""
        what, hint = (shortened(" ".join(text.split()), _MAX_LENGTH) for text in (self.what, self.hint or ""))
        return printable(f"{what} ({hint})" if hint else what)

    def __str__(self) -> str:
        return f"{printable(self.where)}: {self.message}" if self.where else self.message


def _restore(error_class: type[MoodError], attributes: dict[str, object]) -> MoodError:
    error = error_class.__new__(error_class)
    error.__dict__.update(attributes)
    error.args = (attributes["what"],)
    return error


class InputError(MoodError, ValueError):
    """Something that the user provided cannot be used.

    The parameters are those of `MoodError`. This class is also a `ValueError`.

    Examples
    --------
    >>> print(InputError("not a directory", where="photo.jpg"))
    photo.jpg: not a directory
    """


class UnreadableError(InputError):
    """A file or folder exists, but cannot be read.

    The parameters are those of `MoodError`.
    """


class NoPicturesError(InputError):
    """A folder or glob pattern has no pictures.

    The parameters are those of `MoodError`.
    """


class ImageError(InputError):
    """A picture cannot be read or decoded.

    The parameters are those of `MoodError`.

    Examples
    --------
    >>> print(ImageError("unsupported image format", where="notes.txt"))
    notes.txt: unsupported image format
    """


class TableError(InputError):
    """A table of tag rows, labels or features cannot be read or does not follow its format.

    The attributes ``file``, ``row`` and ``field`` locate the error. Rows of data are counted from 1, without the
    header.

    Examples
    --------
    >>> print(TableError("'abc' is not a number", file="tags.csv", row=3, field="score"))
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
    """Tags, labels, moods or features from different sources do not match."""


class ModelError(MoodError):
    """A model cannot be loaded or run.

    The parameters are those of `MoodError`.

    Examples
    --------
    >>> print(ModelError("No such file or directory", where="mine.onnx"))
    mine.onnx: No such file or directory
    """


class ModelDirectoryError(ModelError):
    """A model directory is missing, incomplete or damaged, or was changed after it was written."""


class IncompatibleModelError(ModelError):
    """A model is valid, but cannot be used for this task or with this other model."""


class OutputError(ModelError):
    """The output of a model is not valid for some pictures; `rows` contains their positions in the batch.

    Examples
    --------
    >>> error = OutputError("the output 'scores' contains NaN or infinity", where="mine.onnx", rows=[3])
    >>> print(error.of_picture("photo.jpg"))
    photo.jpg: the output 'scores' contains NaN or infinity (model mine.onnx)
    """

    def __init__(self, what: str, *, where: str, rows: list[int], hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.rows = rows

    def of_picture(self, name: str) -> ModelError:
        """Return the error of one of the pictures."""
        return ModelError(f"{self.what} (model {self.where})", where=name, hint=self.hint)


class OutOfMemoryError(ModelError, MemoryError):
    """There is not enough memory to run a model. This class is also a `MemoryError`."""


class MissingExtraError(MoodError, ImportError):
    """An optional dependency is not installed; `extra` is the extra of ``image-mood-classifier`` that installs it.

    The hint is the command that installs it, for the program that installed this package.

    Examples
    --------
    >>> print(MissingExtraError("scikit-image", extra="visual"))  # doctest: +ELLIPSIS
    scikit-image is not installed (...[visual]...)
    """

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed", hint=install_command(extra))
        self.package = package
        self.extra = extra


class MissingPackageError(MoodError, ImportError):
    """A package that a function needs, and that no extra contains, is not installed.

    Examples
    --------
    >>> print(MissingPackageError("polars"))
    polars is not installed (pip install polars)
    """

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} is not installed", hint=f"pip install {package}")
        self.package = package


class RemoteError(MoodError):
    """A remote server refused a request, failed, or took too long."""


class UnavailableError(RemoteError):
    """A remote server is temporarily unavailable; a retry may succeed."""


class OverloadedError(MoodError):
    """Too many requests are waiting; a retry may succeed later.

    Attributes
    ----------
    retry_after_s : float or None
        The estimated time until then, in seconds; None if it is unknown.
    """

    retry_after_s: float | None = None

    def after(self, seconds: float) -> Self:
        """Set `retry_after_s`, and return the error."""
        self.retry_after_s = seconds
        return self


def first_line(error: BaseException) -> str:
    r"""Return the first line of an exception's message, or the name of its class if it has no message.

    For an `OSError`, this is its `strerror`, without the error number and the file name.

    Examples
    --------
    >>> first_line(RuntimeError("cannot run\nat graph.cc:42")), first_line(KeyboardInterrupt())
    ('cannot run', 'KeyboardInterrupt')
    """
    message = getattr(error, "strerror", None) or str(error)
    return (message.strip().splitlines() or [type(error).__name__])[0]
