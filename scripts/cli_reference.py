"""Write docs/cli.md from the commands' own help, or with --check say whether it is stale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
COMMAND = [sys.executable, "-m", "typer", "imagemood.cli.app", "utils", "docs", "--name", "imagemood"]
NOTE = "<!-- Written by `make docs` from the commands' own help. -->\n\n"


def main(*, check: bool) -> int:
    plain = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    page = NOTE + subprocess.run(COMMAND, check=True, capture_output=True, text=True, env=plain).stdout
    if not check:
        PAGE.write_text(page, "utf-8")
    elif page != PAGE.read_text("utf-8"):
        print("docs/cli.md is stale: run make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
