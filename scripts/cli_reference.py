"""The reference of all commands, from their own help texts."""

from __future__ import annotations

import os
import subprocess
import sys

COMMAND = [sys.executable, "-m", "typer", "imagemood.cli.app", "utils", "docs", "--name", "imagemood"]


def reference() -> str:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    return subprocess.run(COMMAND, check=True, capture_output=True, text=True, env=environment).stdout.rstrip()
