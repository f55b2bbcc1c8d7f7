"""Draw docs/heat-map.jpg: the heat map of a sample picture, as `imagemood classify --heatmap` writes it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import PIL.Image

from imagemood.pictures.samples import FOLDER

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "heat-map.jpg"

if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "map.png"
        command = [sys.executable, "-m", "imagemood", "classify", FOLDER / "alps.jpg", "--heatmap", target]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        PIL.Image.open(target).convert("RGB").save(OUTPUT, quality=85, optimize=True)
