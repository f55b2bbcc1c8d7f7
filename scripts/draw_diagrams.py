"""Draw the Mermaid diagrams of the documentation for its site, as SVG files in docs/diagrams/.

Only diagrams that are new or have changed are drawn. This needs npm, which downloads Mermaid, and Chromium or
Google Chrome.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
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
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        if program is None:
            sys.exit("diagrams are drawn by Chromium or Google Chrome: install one of them")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=f"{folder}/package/dist/mermaid.min.js")
        page.evaluate(f"mermaid.initialize({SETTINGS})")
        render = "source => mermaid.render('diagram', source)"
        drawn = [page.evaluate(render, source)["svg"] for source in diagrams]
        browser.close()
    return drawn


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    files = {drawing(source): source for source in sources()}
    missing = [file for file in files if not file.exists()]
    FOLDER.mkdir(exist_ok=True)
    for file, svg in zip(missing, draw([files[file] for file in missing]) if missing else [], strict=True):
        file.write_text(svg + "\n", "utf-8")
    for file in set(FOLDER.iterdir()) - set(files):
        file.unlink()
