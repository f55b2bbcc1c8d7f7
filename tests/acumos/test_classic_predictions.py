from __future__ import annotations

import functools
import http.server
import shutil
import zipfile

import pytest

from imagemood import tables
from imagemood.models import model_directory
from tests.servers import http_server


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_): ...


@pytest.fixture
def predictions(classify):
    """The predicted rows as CSV, which do not depend on the format of the input."""
    return classify("-i", "features.csv", "-d", "model").out


def test_they_are_printed(classify, predictions):
    done = classify("-i", "features.csv", "-d", "model", "-p", "saved.csv")
    assert done.code == 0
    assert (classify.folder / "saved.csv").read_text() == predictions
    tags = tables.read(classify.folder / "features.csv")
    expected = model_directory.load(classify.folder / "model").predict_rows(tags).rows
    assert tables.read(classify.folder / "saved.csv") == expected
    lines = done.out.splitlines()
    first = expected.table.to_pylist()[:2]
    moods = ", ".join(f"{row['tag']} {100 * row['score']:.1f} %" for row in first)
    assert (lines[0], lines[1], lines[-1]) == ("image  moods", f"0      {moods}", "and 30 more images")
    assert len(lines) == 12


@pytest.mark.parametrize(
    "name", ["features.zip", "features.csv.zip", "features.pb", "features.bin", "features.dat", "features.txt.bz2"]
)
def test_formats_of_the_features(classify, predictions, name):
    tags = tables.read(classify.folder / "features.csv")
    if name == "features.zip":
        with zipfile.ZipFile(classify.folder / name, "w") as archive:
            archive.write(classify.folder / "features.csv", "features.csv")
    else:
        tables.write(tags, classify.folder / name, format="csv" if name.endswith(".dat") else None)
    done = classify("-i", name, "-d", "model", "-p", "out")
    assert done.code == 0, done.err
    assert (classify.folder / "out").read_text() == predictions
    classify.repeat(done)
    assert (classify.folder / "out").read_text() == predictions


def test_features_and_labels_at_urls(classify, predictions):
    with http_server(functools.partial(QuietHandler, directory=classify.folder)) as server:
        root = f"http://127.0.0.1:{server.server_port}"
        done = classify("-i", f"{root}/features.csv?download=1", "-d", "model")
        again = classify.repeat(done)
        summary = classify("-i", f"{root}/features.csv", "-l", f"{root}/labels.txt", "-s", "1")
        absent = classify("-i", f"{root}/absent.csv", "-d", "model")
    assert done.out == again == predictions
    assert summary.code == 0
    assert (absent.code, "absent.csv: the server responded with 404" in absent.err) == (1, True)


def test_the_folder_above_a_dump_as_in_2018(classify, predictions, tmp_path):
    shutil.copytree(classify.folder / "model", tmp_path / "image_mood_classifier")
    done = classify("-i", "features.csv", "-d", str(tmp_path))
    assert done.out == predictions
    assert f"--model {tmp_path / 'image_mood_classifier'}" in done.err


def test_hints_name_options_that_exist(classify):
    (classify.folder / "named.csv").write_text("image,tag,score\na.jpg,tag 1,1\n")
    done = classify("-i", "named.csv", "-d", "model", "-p", "named.pb")
    assert done.code == 2
    assert "(choose another format, or number the images" in done.err
    assert not (classify.folder / "named.pb").exists()


def test_options_without_effect(classify):
    done = classify("-i", "features.csv", "-d", "model", "-s", "3")
    assert done.code == 0
    assert "notice: -s and -a have no effect on predictions" in done.err
