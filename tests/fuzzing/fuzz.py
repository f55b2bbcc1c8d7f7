"""Fuzzes a parser, guided by coverage, with Atheris (`pip install atheris`; Linux and macOS).

    python -m tests.fuzzing.fuzz --list
    python -m tests.fuzzing.fuzz picture -max_total_time=3600
    python -m tests.fuzzing.fuzz --all -max_total_time=600

The options that start with one dash are those of libFuzzer. An input that raises an unexpected error, takes more
than 10 seconds or 2 GB is written to the current folder, and the exit code is not 0.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Fuzz the target that the first argument names, or all targets."""
    try:
        import atheris
    except ImportError:
        sys.exit("fuzz: Atheris is not installed (pip install atheris)")
    with atheris.instrument_imports(include=["imagemood"]):
        from tests.fuzzing.targets import TARGETS
    if arguments[:1] == ["--all"]:
        for name in TARGETS:  # Atheris fuzzes one target per process
            subprocess.run([sys.executable, "-m", "tests.fuzzing.fuzz", name, *arguments[1:]], check=True)
        return
    if not arguments or arguments[0] not in TARGETS:
        sys.exit("targets: " + ", ".join(TARGETS))
    target = TARGETS[arguments[0]]
    folder = Path(tempfile.mkdtemp(prefix="fuzzing-"))
    for number, example in enumerate(target.examples):
        (folder / str(number)).write_bytes(example)
    options = ["-timeout=10", "-rss_limit_mb=2000", "-max_len=100000", *arguments[1:], str(folder)]
    atheris.Setup([sys.argv[0], *options], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
