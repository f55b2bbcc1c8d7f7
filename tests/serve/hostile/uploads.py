"""Requests whose forms, queries or pictures are malformed."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator

from tests.serve.hostile.building import (
    CLIENT_ERRORS,
    DIGITS,
    JSON,
    MOODS,
    OK,
    PIXEL,
    HostileRequest,
    form_part,
    post,
    post_form,
)


def all_uploads() -> Iterator[HostileRequest]:
    """Yield the requests of all kinds in this module."""
    yield from forms()
    yield from queries()
    yield from pictures()


def forms() -> Iterator[HostileRequest]:
    """Yield forms with invalid parts."""
    file = b'form-data; name="a"; filename="a.jpg"'
    parts = {
        "name of raw bytes": form_part(b'form-data; name="\xff\xfe"; filename="\xff.jpg"'),
        "NUL in a file name": form_part(b'form-data; name="a"; filename="a\0.jpg"'),
        "file name of a path": form_part(b'form-data; name="a"; filename="../../etc/passwd"'),
        "file name of 10 kB": form_part(b'form-data; name="a"; filename="%s"' % (b"a" * 10_000)),
        "encoded file name": form_part(b"form-data; name=a; filename*=UTF-8''%ff%00"),
        "unknown encoding of a file name": form_part(b"form-data; name=a; filename*=undefined''x"),
        "no name": form_part(b"form-data"),
        "no disposition": b"--x\r\n\r\nx\r\n--x--\r\n",
        "no file": form_part(b'form-data; name="a"'),
        "header without colon": form_part(file, b"x", b"no colon"),
        "raw bytes as header": form_part(file, b"x", b"\xff: \xfe"),
        "charset of a part": form_part(file, b"x", b"Content-Type: image/jpeg; charset=undefined"),
        "transfer encoding": form_part(file, b"x", b"Content-Transfer-Encoding: base64"),
        "100 kB of headers": form_part(file, b"x", *[b"X-A: b"] * 15_000),
        "no end": b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nx',
        "another boundary": form_part(file).replace(b"--x", b"--y"),
        "nothing": b"",
        "the end only": b"--x--",
        "40 files": form_part(file)[:-6] * 40 + b"--x--\r\n",
        "2,000 files": form_part(file)[:-6] * 2000 + b"--x--\r\n",
        "2,000 fields": form_part(b'form-data; name="a"')[:-6] * 2000 + b"--x--\r\n",
        "many hyphens": b"--x\r\n" + b"-" * 100_000,
        "many line breaks": b"--x\r\n" + b"\r\n" * 100_000,
    }
    for name, body in parts.items():
        yield HostileRequest("form", name, post_form(body))
    for charset in (
        b"undefined",
        b"idna",
        b"punycode",
        b"hex",
        b"utf-7",
        b"unicode_escape",
        b"\xff",
        b"none",
        b"utf-16",
    ):
        body = form_part("form-data; name=ü; filename=ü.jpg".encode())
        yield HostileRequest("form", f"charset {charset!r}", post_form(body, parameters=b"; charset=" + charset))


def queries() -> Iterator[HostileRequest]:
    """Yield queries with invalid parameters."""
    values = (
        *(
            b"top=" + DIGITS,
            b"top=-1",
            b"top=0",
            b"top=1e5",
            b"top=NaN",
            b"top=%d9%a1x",
            b"tags=-1",
            b"tags=" + DIGITS,
        ),
        *(
            b"mood=",
            b"mood=%ff",
            b"mood=%00",
            b"mood=" + b"a" * 20_000,
            b"explain=",
            b"explain=%ff",
            b"explain=all&explain=x",
        ),
        *(b"without=%ed%a0%80", b"without=" + b"&without=".join([b"a"] * 2000), b"&".join([b"top=x"] * 2000)),
    )
    pixel = base64.b64decode(PIXEL)
    for value in values:
        yield HostileRequest("query", ascii(value[:20].decode()), post(b"/v1/moods?" + value, pixel))
    for value in (b"top=" + b"9" * 18, b"tags=" + b"9" * 18, b"top=1&top=2", b"unknown=%ff"):
        yield HostileRequest(
            "query", f"valid: {value[:10].decode()}", post(b"/v1/moods?" + value, pixel), OK | CLIENT_ERRORS
        )


def pictures() -> Iterator[HostileRequest]:
    """Yield pictures that cannot be decoded."""
    png = b"\x89PNG\r\n\x1a\n"
    huge = png + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0, 0)
    contents = {
        "empty": b"",
        "one byte": b"x",
        "text": b"hello " * 1000,
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
        "signature of PNG": png,
        "PNG of 2**62 pixels": huge,
        "start of a JPEG": b"\xff\xd8\xff\xe0" + bytes(100),
        "start of a TIFF": b"II*\0\xff\xff\xff\xff",
        "start of a WebP": b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(20),
        "ZIP": b"PK\x03\x04" + bytes(100),
    }
    for name, content in contents.items():
        yield HostileRequest("picture", name, post(MOODS, content, (b"Content-Type", b"image/jpeg")))
    yield HostileRequest("picture", "300 empty bodies of JSON", post(MOODS, b" " * 300_000, JSON))
