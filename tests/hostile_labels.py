"""Labels that plots, pages, tables and Markdown must show as text, for tests."""

from __future__ import annotations

LABELS = (
    "$x^$",
    "_hidden",
    "100 % {x}{0}",
    "<b>bold</b>",
    "</script><script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "quotes \"'`",
    "two\nlines\r\n",
    "null\0character",
    "evil\u202egpj.exe",
    "שלום עולם",
    "😀 grin",
    "a" * 10_000,
    "| pipe | [link](http://host/) *bold* `code` :smile: #1 ~~gone~~ \\",
    "#010203",
    "  ",
    "e\u0301",
    "\u00e9",
    "macro avg",
    "two\\x0alines",
)
