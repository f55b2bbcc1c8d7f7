"""Hundreds of damaged and hostile pictures are decoded or rejected, within the limits of memory."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import hostile_pictures

SCRIPT = Path(__file__).parents[1] / "corpus" / "measure_pictures.py"
N_MUTATIONS = 18


@pytest.mark.skipif(sys.platform == "win32", reason="measures memory with the means of Linux and macOS")
@pytest.mark.long
def test_every_picture_is_decoded_or_rejected_within_the_limit_of_memory():
    command = [sys.executable, SCRIPT, "--mutations", str(N_MUTATIONS), "--max-mb", "400"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    counts = re.match(r"(\d+) pictures: (\d+) decoded, (\d+) rejected", run.stdout)
    assert counts is not None
    n_pictures, n_decoded, n_rejected = map(int, counts.groups())
    assert n_pictures == n_decoded + n_rejected >= 500
    assert min(n_decoded, n_rejected) > 100


def test_the_corpus_is_the_same_each_time():
    first, again = (dict(hostile_pictures.mutations(n_mutations=3)) for _ in range(2))
    assert first == again
    assert len(first) == 3 * len(hostile_pictures.valid_files())
