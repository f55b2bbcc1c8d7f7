"""Print the requirements of the package and of all its extras, except those of its developers."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path


def runtime_requirements() -> list[str]:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *(line for name in extras if name != "dev" for line in extras[name])]
    return sorted({line for line in listed if not line.startswith(project["name"])})


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    print("\n".join(runtime_requirements()))
