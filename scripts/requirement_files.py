"""Write requirements.txt and environment.yml from pyproject.toml, or check that they are up to date.

    python scripts/requirement_files.py --check

Without --check, the files are written.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("report", "serve", "visual")
"""The extras whose requirements are in the files; the others need much space, or accounts at providers."""
_NOTE = "# Generated from pyproject.toml by `make generate`. Extras: {extras}."


def generate(root: Path = ROOT) -> dict[str, str]:
    """Return the content of each file by its name."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = _requirements(project)
    note = _NOTE.format(extras=", ".join(EXTRAS))
    return {
        "requirements.txt": "\n".join([note, *requirements, ""]),
        "environment.yml": "\n".join(
            [
                note,
                f"name: {project['name']}",
                "channels:",
                "  - conda-forge",
                "dependencies:",
                f"  - python{project['requires-python']}",
                "  - pip",
                "  - pip:",
                *(f'      - "{line}"' for line in requirements),
                "",
            ]
        ),
    }


def _requirements(project: dict[str, Any]) -> list[str]:
    listed = [*project["dependencies"], *(line for name in EXTRAS for line in _extra(project, name))]
    return sorted(dict.fromkeys(listed), key=str.lower)


def _extra(project: dict[str, Any], name: str) -> list[str]:
    """Return the requirements of an extra, and those of the extras that it includes."""
    found = []
    for line in project["optional-dependencies"][name]:
        included = re.fullmatch(rf"{project['name']}\[(.+)\]", line)
        names = included[1].split(",") if included else []
        found += [requirement for part in names for requirement in _extra(project, part)] if included else [line]
    return found


def stale(root: Path = ROOT) -> list[str]:
    """Return the names of the files that are missing or out of date."""
    contents = generate(root)
    return [
        name
        for name, content in contents.items()
        if not (root / name).exists() or (root / name).read_text("utf-8") != content
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only report files that are out of date")
    if parser.parse_args().check:
        names = stale()
        for name in names:
            print(f"check: {name} does not match pyproject.toml; run make generate", file=sys.stderr)
        sys.exit(bool(names))
    for name, content in generate().items():
        (ROOT / name).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
