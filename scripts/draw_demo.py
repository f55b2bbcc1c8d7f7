"""Draw docs/demo.svg: what `imagemood demo` prints to a terminal."""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich.console import Console

from imagemood.cli.demo import demo_table

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "demo.svg"

if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    console = Console(record=True, width=84, file=io.StringIO(), force_terminal=True)
    console.print("[bold]$ imagemood demo[/bold]")
    console.print(demo_table())
    svg = console.export_svg(title="imagemood")
    # Without its font faces, the drawing does not make a browser contact a font server.
    OUTPUT.write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), "utf-8")
