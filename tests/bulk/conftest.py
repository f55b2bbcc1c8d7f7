from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.commands import command


def write_photos(folder: Path, n: int, seed: int = 0) -> Path:
    """Write small pictures, all different."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for i in range(n):
        coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        picture = PIL.Image.fromarray(coarse).resize((64, 48), PIL.Image.Resampling.BICUBIC)
        picture.save(folder / f"{i:03d}.jpg")
    return folder


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """A folder with 23 pictures in two subfolders, two damaged ones, a text file and a hidden folder."""
    folder = tmp_path_factory.mktemp("photos")
    write_photos(folder / "a", 12, seed=1)
    write_photos(folder / "b c" / "ü", 11, seed=2)
    (folder / "a" / "broken.jpg").write_bytes((folder / "a" / "000.jpg").read_bytes()[:300])
    (folder / "b c" / "empty.png").touch()
    (folder / "b c" / "letter.txt").write_text("not a picture")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.jpg").write_bytes((folder / "a" / "000.jpg").read_bytes())
    return folder


def imagemood(*arguments: str | Path, **options) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, **options)


def rows_of(folder: Path) -> pa.Table:
    """Read a dataset as any reader of Parquet folders would."""
    return pq.read_table(folder).sort_by("path")


def info_of(folder: Path) -> dict:
    return json.loads((folder / "_imagemood.json").read_text("utf-8"))
