from __future__ import annotations

import importlib

import pytest


@pytest.fixture
def photos(tmp_path):
    for mood, n in (("awe", 120), ("fear", 40)):
        (tmp_path / "photos" / mood).mkdir(parents=True)
        for i in range(n):
            (tmp_path / "photos" / mood / f"{i}.jpg").write_bytes(f"{mood} {i}".encode())
    return tmp_path / "photos"


def test_only_training_photos_are_left_out_and_smaller_parts_are_nested(photos):
    subset, split = importlib.import_module("subset_photos"), importlib.import_module("split")
    everything = set(photos.glob("*/*"))
    training = {path for path in everything if split.twentieth(path) in split.SPLIT["training"]}
    parts = [set(subset.chosen(photos, share)) for share in (0.25, 0.5, 1)]
    assert parts[0] < parts[1] < parts[2] == everything
    assert everything - parts[0] < training
    for mood in ("awe", "fear"):
        n_all, n_kept = (
            len({path for path in p & training if path.parent.name == mood}) for p in (training, parts[0])
        )
        assert n_kept == round(n_all / 4)


def test_the_folder_has_links_and_is_not_overwritten(photos, tmp_path):
    subset = importlib.import_module("subset_photos")
    subset.main(photos, 0.5, tmp_path / "half")
    links = sorted((tmp_path / "half").glob("*/*"))
    assert [link.resolve() for link in links] == sorted(subset.chosen(photos, 0.5))
    with pytest.raises(SystemExit, match="exists"):
        subset.main(photos, 0.5, tmp_path / "half")
