"""An extension of Sphinx that shows Mermaid diagrams as drawings from docs/diagrams/.

GitHub draws the diagrams itself. For the site, `make generate` draws them in advance, so that its pages need no
large script and no other host.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "diagrams"


def drawing(source: str) -> Path:
    """Return the file for the drawing of a Mermaid diagram; its name is a hash of the diagram's source."""
    return FOLDER / f"{hashlib.sha256(source.strip().encode()).hexdigest()[:16]}.svg"


class MermaidDirective(Directive):
    """The directive for fenced blocks of Mermaid."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the image node of the drawing."""
        file = drawing("\n".join(self.content))
        if not file.is_file():
            message = "docs/diagrams/ lacks the drawing of this diagram; run make generate"
            return [self.state.document.reporter.warning(message, line=self.lineno)]
        # Wide diagrams scroll, also with the keys.
        start = '<div class="diagram" tabindex="0">'
        image = nodes.image(uri=f"/diagrams/{file.name}", alt="The diagram that the text describes")
        return [nodes.raw("", start, format="html"), image, nodes.raw("", "</div>", format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_directive("mermaid", MermaidDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
