"""Execute the commands of the tutorial, and save or compare their outputs.

    python scripts/run_tutorial.py [--check]

The commands are in the blocks of docs/tutorial.md for consoles, after "$ ". They are executed in their order, in
an empty folder. Pictures that they create are saved in docs/images/ if the page shows them. --check compares the
outputs with the saved ones and changes nothing: text must be the same, but numbers may differ slightly.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from run_notebooks import same_text

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "tutorial.md"
BLOCK = re.compile(
    r"(?<=^```console\n)\$ (?P<command>.*?(?<!\\)\n)(?P<output>.*?)(?=^```)", re.DOTALL | re.MULTILINE
)
IMAGE = re.compile(r"\(images/([\w.-]+)\)")


def execute(command: str, folder: Path) -> str:
    """Return what a command prints to a terminal of 80 columns."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1"}
    arguments = ["bash", "-c", command]
    done = subprocess.run(arguments, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    return re.sub(r" +$", "", done.stderr + done.stdout, flags=re.MULTILINE)


def updated(text: str, folder: Path) -> str:
    """Return the page with the outputs of its commands, executed in the folder."""
    return BLOCK.sub(lambda match: f"$ {match['command']}{execute(match['command'], folder)}", text)


def differences(old: str, new: str) -> list[str]:
    """Return the commands whose outputs differ."""
    pairs = zip(BLOCK.finditer(old), BLOCK.finditer(new), strict=True)
    return [a["command"].strip() for a, b in pairs if not same_text(a["output"], b["output"])]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the outputs instead of saving them")
    check = parser.parse_args().check
    saved = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        new = updated(saved, Path(folder))
        missing = [name for name in IMAGE.findall(saved) if not Path(folder, name).exists()]
        if not check:
            PAGE.write_text(new, "utf-8")
            for name in set(IMAGE.findall(saved)) - set(missing):
                shutil.copy(Path(folder, name), DOCS / "images" / name)
    different = differences(saved, new) if check else []
    for problem in [*(f"{command}: other output" for command in different), *(f"no {name}" for name in missing)]:
        print(f"{PAGE.name}: {problem} (run make notebooks)", file=sys.stderr)
    sys.exit(bool(different or missing))
