from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def write_photos(folder: Path, n: int, seed: int = 0) -> Path:
    """Write small pictures that differ from one another."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(seed)
    for i in range(n):
        coarse = dice.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        picture = PIL.Image.fromarray(coarse).resize((64, 48), PIL.Image.Resampling.BICUBIC)
        picture.save(folder / f"{i:03d}.jpg")
    return folder


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """A folder of 23 pictures below two others, and two files that are none."""
    folder = tmp_path_factory.mktemp("photos")
    write_photos(folder / "a", 12, seed=1)
    write_photos(folder / "b c" / "ü", 11, seed=2)
    (folder / "a" / "broken.jpg").write_bytes((folder / "a" / "000.jpg").read_bytes()[:300])
    (folder / "b c" / "empty.png").touch()
    (folder / "b c" / "letter.txt").write_text("no picture")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.jpg").write_bytes((folder / "a" / "000.jpg").read_bytes())
    return folder


def imagemood(*arguments: str | Path, **options) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    command = [sys.executable, "-W", "error", "-m", "imagemood", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def rows_of(folder: Path) -> pa.Table:
    """Read a dataset as any reader of Parquet folders would."""
    return pq.read_table(folder).sort_by("path")


def note_of(folder: Path) -> dict:
    return json.loads((folder / "_imagemood.json").read_text("utf-8"))
