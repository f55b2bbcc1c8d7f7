"""Build a release and check it: versions, metadata, contents, that builds can be repeated, and the installation.

    python scripts/release_check.py -o dist

The files are kept only if an output folder is given and all checks pass.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from check_project import ROOT, mismatched_versions, wrong_contents

NAME = "image_mood_classifier"
BIN = Path(sys.executable).parent
_LINKS = re.compile(r'\]\(([^)\s]*)\)|(?:src|href)="([^"]*)"')


def build(source: Path, target: Path, kind: str) -> Path:
    """Build a wheel (``wheel``) or a source distribution (``sdist``); return the file."""
    command = [sys.executable, "-m", "build", f"--{kind}", "--outdir", target, source]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (file,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return file


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def relative_links(wheel: Path) -> list[str]:
    """Return the links and images of the long description that do not work on a package index."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = str(message_from_bytes(archive.read(name)).get_payload())
    found = (link or image for link, image in _LINKS.findall(text))
    return [
        f"the long description has a relative link: {link}" for link in found if not link.startswith("https://")
    ]


def missing_from_sdist(sdist: Path) -> list[str]:
    """Return the files of the repository that the source distribution lacks."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [f"the source distribution lacks {name}" for name in tracked.splitlines() if name not in names]


def unequal_builds(sdist: Path, wheel: Path, folder: Path) -> list[str]:
    """Build everything again, the wheel from the source distribution; return the files that differ."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    again = [build(ROOT, folder / "again", "sdist"), build(source, folder / "again", "wheel")]
    return [
        f"{one.name} differs in a second build"
        for one, two in zip((sdist, wheel), again, strict=True)
        if digest(one) != digest(two)
    ]


def failing_commands(wheel: Path, folder: Path) -> list[str]:
    """Run the package with uvx and pipx; return the commands that fail."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PIPX_HOME": str(folder / "pipx"),
        "PIPX_BIN_DIR": str(folder / "pipx-bin"),
        "PYTHONPATH": "",
    }
    commands = [
        ["uvx", "--python", sys.executable, "--from", wheel, "imagemood", "demo"],
        ["uvx", "--python", sys.executable, "--from", wheel, "image-mood-classifier", "info"],
        ["pipx", "run", "--python", sys.executable, "--spec", wheel, "imagemood", "demo"],
    ]
    problems = []
    for command in commands:
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            problems.append(f"{' '.join(map(str, command))} fails: {done.stderr.strip()}")
    return problems


def check(folder: Path) -> tuple[list[str], list[Path]]:
    """Return the problems of the release, and its files."""
    problems = mismatched_versions()
    if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, check=True, capture_output=True).stdout:
        problems.append("some changes are not committed")
    sdist, wheel = build(ROOT, folder / "dist", "sdist"), build(ROOT, folder / "dist", "wheel")
    twine = [sys.executable, "-m", "twine", "check", "--strict", sdist, wheel]
    checked = subprocess.run(twine, capture_output=True, text=True, check=False)
    if checked.returncode:
        problems.append(checked.stdout.strip())
    problems += [*wrong_contents(wheel), *relative_links(wheel), *missing_from_sdist(sdist)]
    problems += unequal_builds(sdist, wheel, folder)
    problems += failing_commands(wheel, folder)
    return problems, [sdist, wheel]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, help="folder for the files of the release")
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        problems, files = check(Path(folder))
        for problem in problems:
            print(f"release-check: {problem}", file=sys.stderr)
        if problems:
            sys.exit(1)
        for file in files:
            print(f"{digest(file)}  {file.name}")
            if output is not None:
                output.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, output)


if __name__ == "__main__":
    main()
