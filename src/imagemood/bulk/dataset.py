"""A dataset of moods: a folder of Parquet files, and a note of what they hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from imagemood.bulk.note import Note, Summary
from imagemood.bulk.rows import error_kind
from imagemood.errors import InputError
from imagemood.pictures import addresses, listing, reading, storage

_NOTE = "_imagemood.json"  # readers of Parquet folders pass over names that begin with _
_FORMAT = 1
_PART = re.compile(r"part-\d{8}-[0-9a-f]{16}\.parquet")
_UNFINISHED = re.compile(r"\.part-.*\.part")


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
            fields = json.loads(reading.read(where))
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
                with reading.open_file(address) as file:
                    table = pq.ParquetFile(file, pre_buffer=False).read(columns=list(columns), use_threads=False)
            except (OSError, ValueError, pa.ArrowException) as error:
                raise InputError("is no file of moods", where=address, hint="remove it and run again") from error
            yield table.select(list(columns))

    def with_errors(self, parts: Iterable[str], kind: str | None = None) -> list[str]:
        """List the files with pictures that could not be used.

        Parameters
        ----------
        parts : iterable of str
            Names of the files to look at.
        kind : str, optional
            Only errors of this kind.

        Returns
        -------
        list of str
            Those with errors.
        """
        known = sorted(parts)
        tables = self.tables(["error"], known)
        kinds = [{error_kind(text) for text in table["error"].drop_null().to_pylist()} for table in tables]
        return [name for name, met in zip(known, kinds, strict=True) if (met if kind is None else kind in met)]

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
