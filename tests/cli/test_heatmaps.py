from __future__ import annotations

import numpy as np
import PIL.Image

from tests.cli.commands import run


def test_a_heatmap_lies_over_the_picture(photos, tmp_path):
    photo = photos / "chelsea.png"
    assert run("classify", photo, "--heatmap", tmp_path / "map.png").returncode == 0
    with PIL.Image.open(tmp_path / "map.png") as veiled, PIL.Image.open(photo) as plain:
        assert veiled.size == plain.size
        difference = np.abs(np.asarray(veiled.convert("RGB"), int) - np.asarray(plain.convert("RGB"), int))
    assert difference.max() > 50
    assert difference.min() == 0
    done = run("classify", "-", "--heatmap", tmp_path / "piped.png", stdin=photo.read_bytes())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "piped.png").read_bytes() == (tmp_path / "map.png").read_bytes()


def test_heatmaps_of_a_folder_keep_namesakes_apart_and_name_what_failed(photos, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "coffee.png").write_bytes((photos / "coffee.png").read_bytes())
    (tmp_path / "a" / "broken.jpg").write_text("no picture")
    done = run("classify", tmp_path / "a", tmp_path / "b", "--heatmap", tmp_path / "maps")
    assert done.returncode == 1
    assert b"broken.jpg: unsupported image format" in done.stderr
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["coffee-2.png", "coffee.png"]
