r"""Text that is valid Unicode and safe to show: other characters are replaced by escapes such as ``\xe9``."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

SURROGATE = r"[\ud800-\udfff]"
"""A regular expression for code points that are no characters; in a path, they stand for undecodable bytes."""

_INVISIBLE = (
    r"\x00-\x1f\x7f-\x9f"  # control characters, such as line breaks and the escape sequences of terminals
    r"\u2028\u2029"  # line and paragraph separators
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # change the direction of the text that follows
    r"\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # without width
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\ufff0-\ufffb"  # usually invisible
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
# Joiners belong to words in some scripts, such as Persian and Hindi, and to emoji such as families.
_JOINING_SCRIPTS = r"\u0620-\u07ff\u0840-\u109f\u1780-\u17ff"
_EMOJI = r"\u2190-\u2bff\U0001f000-\U0001faff"
_STRAY_JOINER = (
    rf"(?<![{_JOINING_SCRIPTS}{_EMOJI}\ufe0f])[\u200c\u200d]"
    rf"|(?<=[{_EMOJI}\ufe0f])(?:\u200c|\u200d(?![{_EMOJI}]))"
)
_INVALID = re.compile(SURROGATE)
_UNSAFE = re.compile(rf"[{_INVISIBLE}]|{SURROGATE}|{_STRAY_JOINER}")
# Some stores have names such as container@account, so that a user name alone is not a secret there.
_CREDENTIALS = r"(\bhttps?:[/\\]+)[{0}]*@|((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://)[{0}:]*:[{0}]*@"
_CREDENTIALS_IN_TEXT = re.compile(_CREDENTIALS.format(r"^\s/\\?#"), re.IGNORECASE)
_CREDENTIALS_IN_ADDRESS = re.compile(_CREDENTIALS.format(r"^/\\?#"), re.IGNORECASE)


def printable(text: str) -> str:
    r"""Return a text with escapes for invalid code points, control characters and other invisible characters.

    The text takes one line and cannot change the colours of a terminal or the direction of the text around it. The
    escapes are the bytes of the characters in UTF-8. Spaces, backslashes and characters of all scripts are kept.

    Examples
    --------
    >>> printable("größe\n\x1b[31m"), printable("evil\u202egpj.exe")
    ('größe\\x0a\\x1b[31m', 'evil\\xe2\\x80\\xaegpj.exe')
    """
    return _UNSAFE.sub(lambda found: escape_bytes(found[0]), text)


def to_json(value: Any, *, indent: int | None = None) -> str:
    r"""Return a value as JSON in which characters that `printable` would replace are escaped, so that it is exact.

    Examples
    --------
    >>> print(to_json({"größe": "\u202e\udce9"}))
    {"größe": "\u202e\udce9"}
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if indent is not None:
        return "\n".join(_UNSAFE.sub(_as_json_escape, line) for line in text.split("\n"))
    return _UNSAFE.sub(_as_json_escape, text)


def _as_json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def shortened(text: str, max_length: int) -> str:
    """Return a text without its middle if it is longer than `max_length`.

    Examples
    --------
    >>> shortened("abcdefghij", 5), shortened("abc", 5)
    ('ab…ij', 'abc')
    """
    half = (max_length - 1) // 2
    return text if len(text) <= max_length else f"{text[:half]}…{text[-half:]}"


def short_label(text: object, max_length: int = 60) -> str:
    r"""Return a name as printable text of limited length; one that would be invisible is put in quotation marks.

    Examples
    --------
    >>> short_label("awe"), short_label(" "), short_label("two\nlines"), short_label("a" * 99, 5)
    ('awe', '" "', 'two\\x0alines', 'aa…aa')
    """
    label = shortened(printable(str(text)), max_length)
    return label if label.strip() else f'"{label}"'


def without_passwords(text: str, *, is_address: bool = False) -> str:
    """Return a text in which asterisks replace the user names and passwords of URLs.

    In an address, a password may contain spaces.

    Examples
    --------
    >>> without_passwords("https://me:secret@example.org/@you/a.jpg"), without_passwords("abfs://photos@account/a.jpg")
    ('https://***@example.org/@you/a.jpg', 'abfs://photos@account/a.jpg')
    """
    if "@" not in text:
        return text
    pattern = _CREDENTIALS_IN_ADDRESS if is_address else _CREDENTIALS_IN_TEXT
    return pattern.sub(lambda found: f"{found[1] or found[2]}***@", text)


def valid_unicode(text: str) -> str:
    r"""Return a text with escapes for invalid code points, so that it can be encoded.

    Examples
    --------
    >>> valid_unicode("caf\udce9"), valid_unicode("two\nlines")
    ('caf\\xe9', 'two\nlines')
    """
    return text if text.isascii() else _INVALID.sub(lambda found: escape_bytes(found[0]), text)


def escape_bytes(text: str) -> str:
    """Return the bytes of a text as escapes; a surrogate stands for a byte that the system could not decode."""
    try:
        content = text.encode("utf-8", sys.getfilesystemencodeerrors())
    except UnicodeEncodeError:  # cannot occur in a file name of this system
        content = text.encode("utf-8", "surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in content)
