"""Files whose names are hard to write down: bytes that are not UTF-8, control characters, syntax of formats."""

from __future__ import annotations

import io
import os
from pathlib import Path

import PIL.Image

NAMES = {
    b"caf\xe9.jpg": r"caf\xe9.jpg",
    rb"caf\xe9.jpg": r"caf\x5cxe9.jpg",
    rb"caf\x5cxe9.jpg": r"caf\x5cx5cxe9.jpg",
    b"caf\xc3\xa9.jpg": "café.jpg",
    b"\xff\xfe\\\xed\xa0\x80.jpg": r"\xff\xfe\\xed\xa0\x80.jpg",
    b"dir\xff/a.jpg": r"dir\xff/a.jpg",
    b"new\nline.jpg": "new\nline.jpg",
    b"error: forged.jpg\nerror: b.jpg": "error: forged.jpg\nerror: b.jpg",
    b"cr\rx.jpg": "cr\rx.jpg",
    b"crlf\r\nx.jpg": "crlf\r\nx.jpg",
    b"tab\tx.jpg": "tab\tx.jpg",
    b"\x1b[31mred\x1b[0m\x07.jpg": "\x1b[31mred\x1b[0m\x07.jpg",
    "c1\x9b31m.jpg".encode(): "c1\x9b31m.jpg",
    "evil\u202egpj.jpg".encode(): "evil\u202egpj.jpg",
    "zero\u200bwidth\u2028.jpg".encode(): "zero\u200bwidth\u2028.jpg",
    "\ufeffbom.jpg".encode(): "\ufeffbom.jpg",
    b" spaces  everywhere .jpg": " spaces  everywhere .jpg",
    b"comma, \"quote\" and 'apostrophe'.jpg": "comma, \"quote\" and 'apostrophe'.jpg",
    b"=HYPERLINK(1).jpg": "=HYPERLINK(1).jpg",
    b"@sum.jpg": "@sum.jpg",
    b"-dash.jpg": "-dash.jpg",
    b"#1;2|3.jpg": "#1;2|3.jpg",
    b"<b>&amp;.jpg": "<b>&amp;.jpg",
    b"[red]a[/red] :smile: \\[b].jpg": "[red]a[/red] :smile: \\[b].jpg",
    "日本語 👩🏽\u200d🚀.jpg".encode(): "日本語 👩🏽\u200d🚀.jpg",
    b"100%25 {x} $y.jpg": "100%25 {x} $y.jpg",
}
"""The bytes of file names, and the names of the pictures."""


def write_pictures(folder: Path, at_most: int | None = None) -> list[str]:
    """Write different pictures, one with each of the names; return their names in the order of their paths."""
    for number, path in enumerate(list(NAMES)[:at_most]):
        target = folder / os.fsdecode(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture_content(number))
    # Folders are listed in the order of the decoded paths.
    return [NAMES[path] for path in sorted(NAMES, key=os.fsdecode)]


def picture_content(number: int) -> bytes:
    """Return the content of a small picture, which differs for each number."""
    content = io.BytesIO()
    PIL.Image.new("RGB", (40, 32), (number, 255 - number, 128)).save(content, "JPEG")
    return content.getvalue()
