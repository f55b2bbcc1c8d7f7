"""Archives of Acumos bundles that are damaged or hostile, for `tests.corpus.hostile_models`."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping

_FOLDER = "scripts/user_provided/"
_BOMB_BYTES = 20 * 2**20


def archives(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return archives that cannot be used; `files` are the files of a valid model."""
    good = _archive(files)
    directory = good.rindex(b"PK\x01\x02")  # the entry of the last file in the list of all files
    return {
        "empty": b"",
        "text": b"This is not an archive.\n",
        "no files": _archive({}),
        "other folder": _archive(files, folder="elsewhere/"),
        "parent folder": _archive(files, folder="../"),
        "absolute": _archive(files, folder="/"),
        "truncated at the end": good[:-10],
        "truncated in the middle": good[: len(good) // 2],
        "only the end": good[-22:],
        "without metadata": _archive({"model.onnx": files["model.onnx"]}),
        "without a network": _archive({"metadata.json": files["metadata.json"]}),
        "encrypted": _patched(good, flags=1),
        "strongly encrypted": _patched(good, flags=1 | 64),
        "patched data": _patched(good, flags=32),
        "unknown compression": _patched(good, method=99),
        "bzip2": _archive(files, compression=zipfile.ZIP_BZIP2),
        "lzma": _archive(files, compression=zipfile.ZIP_LZMA),
        "wrong compression": _patched(_archive(files, compression=zipfile.ZIP_STORED), method=8),
        "wrong checksum": good[: directory + 16] + b"\1\2\3\4" + good[directory + 20 :],
        "damaged data": good.replace(zlib.compress(files["metadata.json"])[10:20], b"0123456789"),
        "names twice": _archive(files, repetitions=2),
        "overlapping": _overlapping(good),
        "bomb of metadata": _archive({**files, "metadata.json": b" " * _BOMB_BYTES}),
        "bomb of a network": _archive({**files, "model.onnx": bytes(_BOMB_BYTES)}),
        "size below the truth": _with_size(_archive({**files, "metadata.json": b" " * 2**20}), 100),
        "size above the limit": _with_size(good, 2**32 - 2),
        "many files": _list_of_files(50_000),
        "link": _link(files),
    }


def _archive(
    files: Mapping[str, bytes],
    *,
    folder: str = _FOLDER,
    compression: int = zipfile.ZIP_DEFLATED,
    repetitions: int = 1,
) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive, warnings.catch_warnings(action="ignore"):
        for name, data in [*files.items()] * repetitions:
            archive.writestr(zipfile.ZipInfo(folder + name), data, compression)
    return content.getvalue()


def _headers(content: bytes) -> list[tuple[int, int]]:
    """Return the position of each header of a file, and the offset of the fields that both kinds share."""
    positions = []
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = content.find(signature)
        while position >= 0:
            positions.append((position, offset))
            position = content.find(signature, position + 1)
    return positions


def _patched(content: bytes, *, flags: int = 0, method: int | None = None) -> bytes:
    """Set flags, and the number of the compression method, in all headers."""
    patched = bytearray(content)
    for position, offset in _headers(content):
        old_flags, old_method = struct.unpack_from("<HH", content, position + offset)
        values = (old_flags | flags, old_method if method is None else method)
        struct.pack_into("<HH", patched, position + offset, *values)
    return bytes(patched)


def _with_size(content: bytes, size: int) -> bytes:
    """Set the size of all files before compression."""
    patched = bytearray(content)
    for position, offset in _headers(content):
        struct.pack_into("<I", patched, position + offset + 16, size)
    return bytes(patched)


def _overlapping(content: bytes) -> bytes:
    """Let all entries of the list of files refer to the first file."""
    patched = bytearray(content)
    for position, offset in _headers(content):
        if offset == 8:
            struct.pack_into("<I", patched, position + 42, 0)
    return bytes(patched)


def _list_of_files(n: int) -> bytes:
    """Return an archive that consists of a long list of files."""
    name = b"x" * 300
    fields = (0, 0, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
    entries = (b"PK\x01\x02" + struct.pack("<6H3L5H2L", *fields) + name) * n
    return entries + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, n, n, len(entries), 0, 0)


def _link(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in files:
            entry = zipfile.ZipInfo(_FOLDER + name)
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
    return content.getvalue()
