"""An extension of Sphinx for pages and links that also work on GitHub.

Some pages of the site are files outside docs/, such as CHANGELOG.md. In docs/, each has a page that links to it,
and the site shows the file itself. Relative links between all these files become links between pages of the site.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = {
    "changelog": "CHANGELOG.md",
    "code-of-conduct": "CODE_OF_CONDUCT.md",
    "contributing": "CONTRIBUTING.md",
    "model-card": "src/imagemood/builtin/README.md",
    "sample-credits": "src/imagemood/pictures/sample_pictures/CREDITS.md",
    "security": "SECURITY.md",
}
"""The pages of the site that show files of the repository."""

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("source-read", _read)
    app.connect("env-get-outdated", lambda *_: list(PAGES))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(_: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the source of a page by that of its file, and adapt its links."""
    file = DOCS / f"{docname}.md"
    if docname in PAGES:
        file = ROOT / PAGES[docname]
        source[0] = file.read_text("utf-8")
    if file.is_file():
        source[0] = adapt_links(source[0], file.parent, (DOCS / docname).parent)


def adapt_links(text: str, folder: Path, target_folder: Path) -> str:
    """Return a Markdown text with its relative links changed for a page of the site.

    The links of the text are relative to `folder`, and those of the result to `target_folder`.
    """
    pages = {ROOT / path: DOCS / f"{docname}.md" for docname, path in PAGES.items()}
    pages[ROOT / "README.md"] = DOCS / "index.md"

    def adapt(match: re.Match[str]) -> str:
        target = Path(os.path.normpath(folder / match[1]))
        return Path(os.path.relpath(pages.get(target, target), target_folder)).as_posix()

    return _LINK.sub(adapt, text)
