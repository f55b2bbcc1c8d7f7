"""Decodes hostile pictures, each in a process of its own, and reports the time and memory that each one takes.

    python tests/corpus/measure_pictures.py                       # the corpus of the tests
    python tests/corpus/measure_pictures.py --seed 7 --mutations 300   # a longer run with other mutations
    python tests/corpus/measure_pictures.py FOLDER                # the files of a folder

prints a summary, and the pictures that took most. The exit code is 1 if one of them raised an unexpected error,
ended the process, took longer than 30 seconds, or too much memory. Runs on Linux and macOS.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import hostile_pictures

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding

_LIMIT_S = 30
_KB = 1 if sys.platform != "darwin" else 1 / 1024  # the unit of ru_maxrss
_N_SHOWN = 5
_FAILURES = ("exception", "crash", "hang")


class Measurement(NamedTuple):
    """The outcome, time and memory of decoding a picture."""

    name: str
    outcome: str  # decoded, rejected, exception, crash or hang
    message: str
    seconds: float
    peak_mb: float  # in addition to the process before decoding, and including the content of the file


def measure(name: str, content: bytes, size_px: int = 224) -> Measurement:
    """Decode a picture in a forked process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _decode_in_child(name, content, size_px, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        report = pipe.read()
    _, status, usage = os.wait4(child, 0)
    if report:
        return Measurement(name, *json.loads(report))
    is_hang = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
    seconds = usage.ru_utime + usage.ru_stime
    return Measurement(
        name, "hang" if is_hang else "crash", f"status {status}", seconds, usage.ru_maxrss * _KB / 1e3
    )


def _decode_in_child(name: str, content: bytes, size_px: int, writing: int) -> None:
    signal.alarm(_LIMIT_S)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    message = ""
    try:
        decoding.decode(content, name=name, size_px=size_px)
        outcome = "decoded"
    except ImageError as error:
        outcome, message = "rejected", str(error)
    except BaseException as error:
        outcome, message = "exception", repr(error)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    os.write(writing, json.dumps([outcome, message[:500], seconds, peak * _KB / 1e3]).encode())
    os._exit(0)


def measure_all(pictures: Iterable[tuple[str, bytes]]) -> Iterator[Measurement]:
    """Measure pictures one after the other; show the progress on a terminal."""
    decoding.decode(hostile_pictures.valid_files()["baseline.jpg"], size_px=224)  # imports what decoding needs
    for number, (name, content) in enumerate(pictures, start=1):
        if sys.stderr.isatty():
            sys.stderr.write(f"{number} {name}".ljust(79)[:79] + "\r")
        yield measure(name, content)


def report(measurements: list[Measurement]) -> str:
    """Return the counts of outcomes, and the pictures that took most time and memory."""
    counts = Counter(measurement.outcome for measurement in measurements)
    outcomes = ("decoded", "rejected", *_FAILURES)
    lines = [f"{len(measurements)} pictures: " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in outcomes)]
    for title, key in (("most time", "seconds"), ("most memory", "peak_mb")):
        lines.append(f"{title}:")
        worst = sorted(measurements, key=operator.attrgetter(key), reverse=True)[:_N_SHOWN]
        lines += [f"  {each.seconds:6.2f} s {each.peak_mb:7.0f} MB  {each.name}: {each.outcome}" for each in worst]
    lines += [f"{each.name}: {each.message}" for each in measurements if each.outcome in _FAILURES]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="measure the files of a folder")
    parser.add_argument("--seed", type=int, default=hostile_pictures.SEED)
    parser.add_argument("--mutations", type=int, default=30, help="number of mutations of each valid file")
    parser.add_argument("--max-mb", type=float, default=1_000, help="largest peak of memory that is accepted")
    options = parser.parse_args()
    if options.folder is None:
        pictures: Iterable[tuple[str, bytes]] = hostile_pictures.pictures(options.seed, options.mutations)
    else:
        pictures = ((path.name, path.read_bytes()) for path in sorted(options.folder.iterdir()) if path.is_file())
    measurements = list(measure_all(pictures))
    sys.stdout.write(report(measurements) + "\n")
    too_large = any(each.peak_mb > options.max_mb for each in measurements)
    sys.exit(too_large or any(each.outcome in _FAILURES for each in measurements))


if __name__ == "__main__":
    main()
