from __future__ import annotations

import pytest

from tests.bulk.conftest import write_photos
from tests.cli.commands import run, run_process


@pytest.fixture(scope="session")
def photos(sample_photos, tmp_path_factory):
    """A folder of three photos."""
    folder = tmp_path_factory.mktemp("photos")
    for name in ("chelsea.png", "coffee.png", "rocket.jpg"):
        (folder / name).write_bytes((sample_photos / name).read_bytes())
    return folder


@pytest.fixture(scope="session")
def tag_file(photos, tmp_path_factory):
    """Tag rows of the three photos."""
    path = tmp_path_factory.mktemp("tags") / "tags.csv.gz"
    assert run("tag", photos, "-o", path).returncode == 0
    return path


@pytest.fixture(scope="session")
def labelled_photos(photos, tmp_path_factory):
    """A folder with a subfolder for each of two moods, and nine photos in them."""
    folder = tmp_path_factory.mktemp("labelled")
    for mood, name in (("calm", "chelsea.png"), ("calm", "coffee.png"), ("joy", "rocket.jpg")):
        (folder / mood).mkdir(exist_ok=True)
        for copy in range(3):
            (folder / mood / f"{copy}-{name}").write_bytes((photos / name).read_bytes())
    return folder


@pytest.fixture(scope="session")
def dataset_folder(tmp_path_factory):
    """A folder with 20 small photos and an empty file in ``photos``, and their dataset in ``moods``."""
    folder = tmp_path_factory.mktemp("bulk")
    write_photos(folder / "photos", 20)
    (folder / "photos" / "empty.jpg").touch()
    completed = run_process("bulk", "photos", "-o", "moods", "--tags", 2, cwd=folder)
    assert completed.returncode == 1
    assert completed.stderr == b""
    return folder
