"""Draw docs/demo.svg: what `imagemood demo` shows in a terminal."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from imagemood.cli.about import demo_table

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "demo.svg"

if __name__ == "__main__":
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    console.print("[bold]$ imagemood demo[/bold]")
    console.print(demo_table(with_sources=False))
    drawn = console.export_svg(title="imagemood")
    # The picture must not send its reader's browser to a font server.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), "utf-8")
