"""Run the commands whose output README.md shows, and update the outputs."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCK = re.compile(r"(```console\n\$ (imagemood (?:demo|classify)[^\n]*)\n).*?```", re.DOTALL)


def output(command: str, folder: str) -> str:
    words = [sys.executable, "-m", *shlex.split(command)]
    return subprocess.run(words, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        output("imagemood samples -o samples", folder)
        text = README.read_text("utf-8")
        README.write_text(BLOCK.sub(lambda block: f"{block[1]}{output(block[2], folder)}```", text), "utf-8")
