"""A dataset of moods: a folder of Parquet files, and a note of what they hold."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from imagemood.bulk import addresses, listing, storage
from imagemood.bulk.rows import error_kind
from imagemood.errors import InputError

_NOTE = "_imagemood.json"  # readers of Parquet folders pass over names that begin with _
_FORMAT = 1
_PART = re.compile(r"part-\d{8}-[0-9a-f]{16}\.parquet")
_UNFINISHED = re.compile(r"\.part-.*\.part")


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
        return self.source if "://" in self.source else os.path.normpath(addresses.below(self.folder, self.source))


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


class Dataset:
    """A dataset of moods, here or in an object store.

    Parameters
    ----------
    address : str
        Its folder.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/") or address

    def note(self) -> Note | None:
        """Read what the dataset is of.

        Returns
        -------
        Note or None
            None where there is no dataset.

        Raises
        ------
        InputError
            If the note is damaged or of a later format.
        """
        where = addresses.join(self.address, _NOTE)
        if not listing.exists(where):
            return None
        try:
            fields = json.loads(storage.read(where))
            known = fields.pop("format")
            note = Note(**fields)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError("is no note of a dataset", where=where, hint="give another folder") from error
        if known != _FORMAT:
            raise InputError(f"is of format {known}, not {_FORMAT}", where=where)
        return note

    def keep(self, note: Note) -> None:
        """Write what the dataset is of.

        Parameters
        ----------
        note : Note
            What to say.
        """
        content = json.dumps({"format": _FORMAT, **asdict(note)}, indent=1, ensure_ascii=False) + "\n"
        storage.write(addresses.join(self.address, _NOTE), content.encode())

    def parts(self) -> list[str]:
        """List the files that hold rows.

        Returns
        -------
        list of str
            Their names, in the order of the pictures.
        """
        return [name for name, _ in listing.entries(self.address) if _PART.fullmatch(name)]

    def check_ours(self) -> None:
        """Refuse a folder of something else.

        Raises
        ------
        InputError
            If there is a file, or a folder that holds something and is no dataset.
        """
        if not listing.exists(self.address):
            return
        if not listing.is_folder(self.address):
            raise InputError("is a file, not a folder", where=self.address, hint="give another name")
        names = [name for name, _ in listing.entries(self.address)]
        foreign = [name for name in names if not (_PART.fullmatch(name) or _UNFINISHED.fullmatch(name))]
        if foreign and _NOTE not in names:
            raise InputError(
                f"is a folder of something else (it holds {foreign[0]})",
                where=self.address,
                hint="give a new or empty folder",
            )

    def remove(self, parts: Iterable[str]) -> None:
        """Remove files of rows.

        Parameters
        ----------
        parts : iterable of str
            Their names.
        """
        for name in parts:
            storage.remove(addresses.join(self.address, name))

    def tidy(self) -> None:
        """Remove what killed runs left unfinished; nobody may be at work on the dataset."""
        self.remove([name for name, _ in listing.entries(self.address) if _UNFINISHED.fullmatch(name)])

    def tables(self, columns: Sequence[str], parts: Iterable[str] | None = None) -> Iterator[pa.Table]:
        """Read columns, a file at a time.

        Parameters
        ----------
        columns : sequence of str
            Their names.
        parts : iterable of str, optional
            Names of the files; all by default.

        Yields
        ------
        pyarrow.Table
            The rows of a file.

        Raises
        ------
        InputError
            If a file is missing or damaged.
        """
        for name in self.parts() if parts is None else parts:
            address = addresses.join(self.address, name)
            try:
                with storage.open_file(address) as file:
                    table = pq.ParquetFile(file, pre_buffer=False).read(columns=list(columns), use_threads=False)
            except (OSError, ValueError, pa.ArrowException) as error:
                raise InputError("is no file of moods", where=address, hint="remove it and run again") from error
            yield table.select(list(columns))

    def with_errors(self, parts: Iterable[str]) -> list[str]:
        """List the files with pictures that could not be used.

        Parameters
        ----------
        parts : iterable of str
            Names of the files to look at.

        Returns
        -------
        list of str
            Those with errors.
        """
        known = sorted(parts)
        tables = self.tables(["error"], known)
        return [name for name, table in zip(known, tables, strict=True) if table["error"].null_count < len(table)]

    def summary(self, parts: Iterable[str] | None = None) -> Summary:
        """Count moods and errors.

        Parameters
        ----------
        parts : iterable of str, optional
            Names of the files to count in; all by default.

        Returns
        -------
        Summary
            The counts.
        """
        n = 0
        moods: Counter[str] = Counter()
        errors: Counter[str] = Counter()
        examples: dict[str, str] = {}
        for table in self.tables(["path", "mood", "error"], parts):
            n += len(table)
            moods.update({row["values"]: row["counts"] for row in pc.value_counts(table["mood"]).to_pylist()})
            failed = table.filter(pc.is_valid(table["error"]))
            for path, text in zip(failed["path"].to_pylist(), failed["error"].to_pylist(), strict=True):
                kind = error_kind(text)
                errors[kind] += 1
                examples.setdefault(kind, path)
        moods.pop(None, None)  # type: ignore[call-overload]
        return Summary(n, dict(moods.most_common()), dict(errors.most_common()), examples)
