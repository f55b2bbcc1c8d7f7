"""The reference of all commands, from their own help texts."""

from __future__ import annotations

import os
import re
import subprocess
import sys

COMMAND = [sys.executable, "-m", "typer", "imagemood.cli.app", "utils", "docs", "--name", "imagemood"]


def reference() -> str:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    text = subprocess.run(COMMAND, check=True, capture_output=True, text=True, env=environment).stdout.rstrip()
    # Versions of Typer differ in what they show of the types of arguments and lists.
    text = re.sub(r"^(\* `\w+(?:\.\.\.)?) <[^>]+>`", r"\1`", text, flags=re.MULTILINE)
    text = re.sub(r"\[x&gt;=\d+; required\]", "[required]", text)
    return re.sub(r"<list\[([^\]]+)\]>", r"<\1>", text)
