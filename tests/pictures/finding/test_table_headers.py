from __future__ import annotations

import pytest

from imagemood.errors import TableError
from imagemood.pictures.finding import table_headers


@pytest.mark.parametrize("text", [b"", b"path", b"pa", "größe".encode(), b"caf\xe9", b"path\0"])
def test_encodings_in_which_ascii_is_ascii(text):
    table_headers.check_encoding(text, "a.csv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings(encoding):
    with pytest.raises(TableError, match=r"^a\.csv: not valid UTF-8 text \(save the table in UTF-8\)$"):
        table_headers.check_encoding("path,label".encode(encoding), "a.csv")


@pytest.mark.parametrize(
    ("header", "names", "description"),
    [
        ("image;tag;score", {"image", "tag", "score"}, "semicolons"),
        ('"Image"\t"Tag"', {"image", "tag", "score"}, "tabs"),
        ("image|x", {"image", "tag", "score"}, None),  # one name of several may be a coincidence
        ("x| Path ", {"path"}, "vertical bars"),
        ("Path", {"path"}, None),
    ],
)
def test_separators(header, names, description):
    if description is None:
        table_headers.check_separator(header, names, "a.csv")
        return
    with pytest.raises(
        TableError, match=rf"^a\.csv: the fields are separated by {description} \(separate them by"
    ):
        table_headers.check_separator(header, names, "a.csv")
