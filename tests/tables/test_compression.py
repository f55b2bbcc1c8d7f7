from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.tables.compression import COMPRESSIONS, compress, compression_of, decompress

METHODS = list(COMPRESSIONS.values())


def ids(method):
    return method.extension


@pytest.mark.parametrize("method", METHODS, ids=ids)
@given(data=st.binary(max_size=300))
def test_round_trip(method, data):
    path = f"rows.csv{method.extension}"
    assert decompress(compress(data, path), path) == data


@pytest.mark.parametrize(
    ("extension", "standard"),
    [
        (".gz", gzip.decompress),
        (".bz2", bz2.decompress),
        (".xz", lzma.decompress),
        (".zst", lambda data: pa.input_stream(pa.BufferReader(data), compression="zstd").read()),
        (".zip", lambda data: zipfile.ZipFile(io.BytesIO(data)).read("table")),
    ],
)
def test_other_implementations_decompress_it(extension, standard):
    assert standard(compress(b"image,tag,score\n" * 100, f"x{extension}")) == b"image,tag,score\n" * 100


@pytest.mark.parametrize("method", METHODS, ids=ids)
def test_compressed_data_are_smaller_and_reproducible(method):
    data = b"image,tag,score\n" * 1000
    assert method.compress(data) == method.compress(data)
    assert len(method.compress(data)) < len(data) / 10


@pytest.mark.parametrize("method", [m for m in METHODS if m.arrow_name], ids=ids)
def test_arrow_knows_the_method_by_its_name(method):
    stream = pa.input_stream(pa.BufferReader(method.compress(b"abc")), compression=method.arrow_name)
    assert stream.read() == b"abc"


@pytest.mark.parametrize("method", METHODS, ids=ids)
@pytest.mark.parametrize("kept", [slice(0), slice(-9), slice(5, None)], ids=["nothing", "beginning", "end"])
def test_invalid_data(method, kept):
    path = f"rows.csv{method.extension}"
    with pytest.raises(TableError) as caught:
        decompress(method.compress(b"image,tag,score\n" * 100)[kept] or b"not compressed", path)
    assert str(caught.value) == f"{path}: not a valid {method.extension} file"


@pytest.mark.parametrize(
    ("path", "extension"),
    [("a.csv.gz", ".gz"), ("a.GZ", ".gz"), ("a.csv", None), ("gz", None), ("a.gz.csv", None)],
)
def test_extension_selects_the_method(path, extension):
    method = compression_of(path)
    assert (None if method is None else method.extension) == extension


def test_no_compression():
    assert compress(b"abc", "a.csv") == decompress(b"abc", "a.csv") == b"abc"
