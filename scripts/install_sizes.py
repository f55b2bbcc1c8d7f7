"""Measure the installation with each extra: packages, size and time, as a table in Markdown.

    python scripts/install_sizes.py
    python scripts/install_sizes.py --extra web --extra train --wheel package.whl

Each extra is installed with uv into an environment of its own, without pip. The time is that of the second
installation, whose packages are in uv's cache. uv reads constraints and other sources of packages from the
environment variables UV_CONSTRAINT and UV_FIND_LINKS.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from markdown_table import table

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).parent / "uv"
CORE = "(core)"
HEADER = ("extra", "packages", "MB", "seconds")


def extras() -> list[str]:
    """Return the extras for users, and first the name of the installation without one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [CORE, *(name for name in project["optional-dependencies"] if name not in ("dev", "docs"))]


def build(folder: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, extra: str, folder: Path) -> tuple[int, float, float]:
    """Return the number of packages, their size in MB, and the seconds that the installation took."""
    subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
    requirement = str(wheel) if extra == CORE else f"image-mood-classifier[{extra}] @ {wheel.resolve().as_uri()}"
    environment = {**os.environ, "VIRTUAL_ENV": str(folder)}
    start = time.perf_counter()
    subprocess.run([UV, "pip", "install", "--quiet", requirement], check=True, env=environment)
    seconds = time.perf_counter() - start
    (site,) = folder.glob("lib/python*/site-packages")
    n_bytes = sum(path.lstat().st_size for path in site.rglob("*"))
    return len(list(site.glob("*.dist-info"))), n_bytes / 1e6, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", action="append", choices=extras(), help="extra to measure (default: all)")
    parser.add_argument("--wheel", type=Path, help="wheel to install (default: build one)")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = arguments.wheel or build(folder)
        for extra in arguments.extra or extras():
            install(wheel, extra, folder / "environment")
            n_packages, size_mb, seconds = install(wheel, extra, folder / "environment")
            rows.append((extra, f"{n_packages}", f"{size_mb:,.0f}", f"{seconds:.1f}"))
            print(*rows[-1], file=sys.stderr)
    print(table(HEADER, rows))


if __name__ == "__main__":
    main()
