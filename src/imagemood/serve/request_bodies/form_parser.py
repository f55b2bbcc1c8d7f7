"""A parser that splits a form (multipart/form-data) into its files."""

from __future__ import annotations

import codecs
import itertools
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.body_parts import MAX_NAME_LENGTH, Part, PartContent

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MAX_FIELDS = 100  # besides the files
_CALLBACKS = (
    "on_part_begin",
    "on_header_field",
    "on_header_value",
    "on_header_end",
    "on_headers_finished",
    "on_part_data",
    "on_part_end",
    "on_end",
)


class FormParser:
    """Splits a form (multipart/form-data) into its files; other fields are ignored.

    Parameters
    ----------
    content_type : str
        The header, with the boundary.
    max_bytes : int, optional
        The limit on a file.
    max_files : int, optional
        The limit on the number of files.

    Raises
    ------
    Problem
        With status 422 if the boundary is missing.
    """

    def __init__(self, content_type: str, *, max_bytes: int | None = None, max_files: int | None = None) -> None:
        _, options = parse_options_header(content_type)
        if b"boundary" not in options:
            raise _invalid("missing boundary in multipart")
        self._charset = _charset_of(options.get(b"charset", b"utf-8"))
        self._max_files = max_files
        self._n_files = self._n_fields = 0
        self._file = PartContent(max_bytes, "the file")
        self._name: str | None = None  # of the current file; None in another field
        self._disposition = self._header = self._value = b""
        self._complete: list[Part] = []
        self._has_ended = False
        try:
            callbacks = {name: _weak(getattr(self, f"_{name}")) for name in _CALLBACKS}
            self._parser = MultipartParser(options[b"boundary"], cast("MultipartCallbacks", callbacks))
        except FormParserError as error:
            raise _invalid("invalid boundary") from error

    @property
    def n_pending(self) -> int:
        """Number of bytes of the file that is not complete."""
        return self._file.n_bytes

    def feed(self, chunk: bytes) -> Iterator[Part]:
        """Yield the files that are complete with a chunk."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            yield from self._take_complete()
            raise _invalid("invalid multipart data") from error
        except Problem:
            yield from self._take_complete()
            raise
        yield from self._take_complete()

    def finish(self) -> Iterator[Part]:
        """Raise a problem if the end of the form is missing."""
        if not self._has_ended:
            raise _invalid("the end of the form is missing")
        yield from ()

    def fail(self, error: Problem) -> None:
        """Forget the content of the file that is not complete, which becomes an error."""
        if self._name is not None:
            self._file.fail(error)

    def _take_complete(self) -> list[Part]:
        complete, self._complete = self._complete, []
        return complete

    def _on_part_begin(self) -> None:
        self._disposition = self._header = self._value = b""
        self._name = None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise _invalid('the Content-Disposition header field "name" must be provided')
        if b"filename" in options:
            self._n_files += 1
            if self._max_files is not None and self._n_files > self._max_files:
                raise _invalid(f"too many files; the maximum number of files is {self._max_files}")
            self._name = self._decode(options[b"filename"])[:MAX_NAME_LENGTH] or "image"
        else:
            self._n_fields += 1
            if self._n_fields > _MAX_FIELDS:
                raise _invalid(f"too many fields; the maximum number of fields is {_MAX_FIELDS}")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name is not None:
            self._file.add(data[start:end])

    def _on_part_end(self) -> None:
        if self._name is not None:
            self._complete.append(self._file.take(self._name))
            self._name = None

    def _on_end(self) -> None:
        self._has_ended = True

    def _decode(self, text: bytes) -> str:
        try:
            return text.decode(self._charset)
        except (UnicodeDecodeError, LookupError):
            return text.decode("latin-1")
        except UnicodeError:
            raise _invalid("unknown charset") from None


def _weak(method: Callable[..., None]) -> Callable[..., None]:
    """Return a function that calls a method without keeping its object, which is then freed without a delay."""
    reference = weakref.WeakMethod(method)

    def call(*arguments: Any) -> None:
        if (found := reference()) is not None:
            found(*arguments)

    return call


def split_form(content_type: str, body: bytes, max_files: int) -> list[Part]:
    """Return the files of a form that has arrived completely."""
    parser = FormParser(content_type, max_files=max_files)
    return list(itertools.chain(parser.feed(body), parser.finish()))


def _charset_of(name: bytes) -> str:
    try:
        return codecs.lookup(name.decode("latin-1")).name
    except LookupError:
        return "latin-1"


def _invalid(reason: str) -> Problem:
    return Problem(422, f"the body is not valid multipart/form-data: {reason}")
