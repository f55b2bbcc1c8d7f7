r"""Names of pictures, which are valid Unicode although the name of a file can be any sequence of bytes.

Each byte of a file name that is not valid UTF-8 is written as ``\xHH``, with two hexadecimal digits. A backslash
that would be read as the beginning of such an escape is written as ``\x5c``. Other names are unchanged. Different
files have different names, and `unescape` returns the path of the file.
"""

from __future__ import annotations

import os
import re
import sys

from imagemood._text import SURROGATE, escape_bytes, valid_unicode

_TO_ESCAPE = re.compile(rf"{SURROGATE}|\\(?=x[0-9a-fA-F]{{2}})")
_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")


def escape(path: str | bytes | os.PathLike[str]) -> str:
    r"""Return the name of a local file as text that is valid Unicode.

    Examples
    --------
    >>> escape("größe.jpg"), escape(b"caf\xe9.jpg"), escape(r"a\b.jpg"), escape(r"caf\xe9.jpg")
    ('größe.jpg', 'caf\\xe9.jpg', 'a\\b.jpg', 'caf\\x5cxe9.jpg')
    """
    path = os.fsdecode(path)
    if path.isascii() and "\\x" not in path:  # the usual case, which takes much less time
        return path
    return _TO_ESCAPE.sub(lambda found: escape_bytes(found[0]), _as_utf8(path))


def unescape(name: str) -> str:
    r"""Return the path of the file for which `escape` returns a name.

    Examples
    --------
    >>> os.fsencode(unescape(r"caf\xe9.jpg")), unescape(r"caf\x5cxe9.jpg"), unescape("größe.jpg")
    (b'caf\xe9.jpg', 'caf\\xe9.jpg', 'größe.jpg')
    """
    errors = sys.getfilesystemencodeerrors()
    try:
        if "\\x" in name:
            content = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), name.encode("utf-8", errors))
            name = content.decode("utf-8", errors)
        return name if _has_utf8_paths() else os.fsdecode(name.encode("utf-8", errors))
    except UnicodeError:  # not the name of a file on this system
        return name


def of_address(address: str) -> str:
    """Return the name of the picture at an address: the escaped path of a local file, or the URL itself."""
    return escape(address) if _is_path(address) else valid_unicode(address)


def to_address(name: str) -> str:
    """Return the address of the picture with a name that `of_address` has returned."""
    return unescape(name) if _is_path(name) else name


def find(address: str) -> str:
    r"""Return the address that a user means: the given one or, if there is no such file, that of the file's name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> pathlib.Path(folder, os.fsdecode(b"caf\xe9.jpg")).touch()
    >>> os.fsencode(find(rf"{folder}/caf\xe9.jpg")).removeprefix(os.fsencode(folder))
    b'/caf\xe9.jpg'
    """
    path = to_address(address)
    return path if path != address and not os.path.lexists(address) and os.path.lexists(path) else address


def of_table_address(address: str) -> str:
    """Return the name of the picture at an address in a table, which is usually an escaped path already.

    It is an unescaped path if only then there is such a file.
    """
    path = to_address(address)
    is_name = path == address or os.path.lexists(path) or not os.path.lexists(address)
    return valid_unicode(address) if is_name else of_address(address)


def _is_path(address: str) -> bool:
    return "://" not in address


def _has_utf8_paths() -> bool:
    return sys.getfilesystemencoding() == "utf-8"


def _as_utf8(path: str) -> str:
    """Return a path as if the system's encoding of file names were UTF-8, which it usually is."""
    if _has_utf8_paths():
        return path
    try:
        return os.fsencode(path).decode("utf-8", sys.getfilesystemencodeerrors())
    except UnicodeError:  # not the path of a file on this system
        return path
