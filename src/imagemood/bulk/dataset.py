"""A dataset of moods: a folder of Parquet files, and a JSON file that describes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from imagemood._files import check_folder
from imagemood.bulk.dataset_info import DatasetInfo, Summary, parse_info
from imagemood.bulk.lock import LOCK_FILE
from imagemood.bulk.rows import error_kind
from imagemood.errors import InputError
from imagemood.pictures.finding import listing
from imagemood.pictures.reading import addresses, storage

_INFO_FILE = "_imagemood.json"  # readers of Parquet folders ignore names that begin with _
_DATA_FILE = re.compile(r"part-\d{8}-[0-9a-f]{16}\.parquet")
_TEMPORARY_FILE = re.compile(r"\.(part-|_imagemood\.).*\.part")


class Dataset:
    """A dataset of moods in a local folder or in an object store; it may not exist yet."""

    def __init__(self, address: str) -> None:
        if not address:
            raise InputError("missing path of the dataset")
        self.address = address.rstrip("/") or address

    def read_info(self) -> DatasetInfo | None:
        """Read the description; return None if there is no dataset."""
        where = addresses.join(self.address, _INFO_FILE)
        return parse_info(storage.read(where, allow_special=False), where) if listing.exists(where) else None

    def write_info(self, info: DatasetInfo) -> None:
        """Write the description."""
        storage.write(addresses.join(self.address, _INFO_FILE), info.to_json())

    def file_names(self) -> list[str]:
        """Return the names of the finished files, in the order of the pictures."""
        return [name for name, _ in listing.entries(self.address) if _DATA_FILE.fullmatch(name)]

    def check_usable(self) -> None:
        """Raise an `InputError` unless the address is new, an empty folder or a dataset, and can be written."""
        if not addresses.is_object_store(self.address):
            check_folder(self.address)
        if not listing.exists(self.address):
            return
        if not listing.is_folder(self.address):
            raise InputError("is a file, not a folder", where=self.address, hint="choose another name")
        names = [name for name, _ in listing.entries(self.address)]
        patterns = (_DATA_FILE, _TEMPORARY_FILE, LOCK_FILE)
        foreign = [name for name in names if not any(pattern.fullmatch(name) for pattern in patterns)]
        if foreign and _INFO_FILE not in names:
            raise InputError(
                f"the folder is neither empty nor a dataset: it contains {foreign[0]}",
                where=self.address,
                hint="choose a new or empty folder",
            )

    def remove(self, file_names: Iterable[str]) -> None:
        """Remove files."""
        for name in file_names:
            storage.remove(addresses.join(self.address, name))

    def remove_temporary_files(self) -> None:
        """Remove the unfinished files of killed runs; no run may be in progress."""
        self.remove([name for name, _ in listing.entries(self.address) if _TEMPORARY_FILE.fullmatch(name)])

    def read_tables(self, columns: Sequence[str], file_names: Iterable[str] | None = None) -> Iterator[pa.Table]:
        """Read columns of the given files, or of all files, one table at a time."""
        for name in self.file_names() if file_names is None else file_names:
            address = addresses.join(self.address, name)
            try:
                with storage.open_file(address) as file:
                    table = pq.ParquetFile(file, pre_buffer=False).read(columns=list(columns), use_threads=False)
            except (OSError, ValueError, pa.ArrowException) as error:
                raise InputError(
                    "not a Parquet file of moods", where=address, hint="remove it and run the command again"
                ) from error
            yield table.select(list(columns))

    def summary(self, file_names: Iterable[str] | None = None) -> Summary:
        """Count the moods and errors in the given files, or in all files."""
        n = 0
        moods: Counter[str | None] = Counter()
        errors: Counter[str] = Counter()
        examples: dict[str, str] = {}
        for table in self.read_tables(["path", "mood", "error"], file_names):
            n += len(table)
            moods.update({row["values"]: row["counts"] for row in pc.value_counts(table["mood"]).to_pylist()})
            failed = table.filter(pc.is_valid(table["error"]))
            for path, text in zip(failed["path"].to_pylist(), failed["error"].to_pylist(), strict=True):
                kind = error_kind(text)
                errors[kind] += 1
                examples.setdefault(kind, path)
        n_by_mood = {mood: count for mood, count in moods.most_common() if mood is not None}
        return Summary(n, n_by_mood, dict(errors.most_common()), examples)
