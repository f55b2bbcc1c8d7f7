"""Draw the Mermaid diagrams of the documentation for its site, as SVG files in docs/diagrams/.

    python scripts/draw_diagrams.py

Needs npm, which downloads Mermaid, and Chromium or Google Chrome.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from diagrams import FOLDER, drawing
from playwright.sync_api import sync_playwright

DOCS = FOLDER.parent
MERMAID = "mermaid@11.17.2"
BLOCK = re.compile(r"^```mermaid\n(.*?)^```", re.DOTALL | re.MULTILINE)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SETTINGS = """{
  startOnLoad: false, securityLevel: "strict", htmlLabels: false, deterministicIds: true,
  fontFamily: "sans-serif", theme: "neutral", flowchart: {htmlLabels: false}
}"""


def sources() -> list[str]:
    """Return the Mermaid diagrams of all pages."""
    pages = sorted(DOCS.rglob("*.md"))
    return [block for page in pages for block in BLOCK.findall(page.read_text("utf-8"))]


def draw(diagrams: list[str]) -> list[str]:
    """Return the drawings of Mermaid diagrams as SVG."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        subprocess.run(["npm", "pack", "--silent", MERMAID], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        shutil.unpack_archive(archive, folder, filter="data")
        program = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=f"{folder}/package/dist/mermaid.min.js")
        page.evaluate(f"mermaid.initialize({SETTINGS})")
        render = "source => mermaid.render('diagram', source)"
        drawn = [page.evaluate(render, source)["svg"] for source in diagrams]
        browser.close()
    return drawn


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    diagrams = sources()
    drawings = draw(diagrams)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for source, svg in zip(diagrams, drawings, strict=True):
        drawing(source).write_text(svg + "\n", "utf-8")
