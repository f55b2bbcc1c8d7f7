from __future__ import annotations

import json
import zlib

import pyarrow.parquet as pq
import pytest

from imagemood.bulk.settings import RunSettings
from imagemood.bulk.worker import Outcome, Worker
from imagemood.errors import IncompatibleModelError
from tests.bulk.conftest import write_photos


def packed(*names):
    return zlib.compress(json.dumps(names).encode())


def test_a_chunk_becomes_a_file(tmp_path):
    write_photos(tmp_path / "photos", 2)
    settings = RunSettings(str(tmp_path / "moods"), folder=str(tmp_path))
    worker = Worker(settings, settings.model_hash())
    outcome = worker.process("a.parquet", packed("photos/001.jpg", "absent.jpg", "photos/000.jpg"))
    assert outcome == Outcome(3)
    rows = pq.read_table(tmp_path / "moods" / "a.parquet").to_pylist()
    assert [row["path"] for row in rows] == ["photos/001.jpg", "absent.jpg", "photos/000.jpg"]
    assert [row["error"] for row in rows] == [None, "No such file or directory", None]
    assert {row["model"] for row in rows} == {settings.model_hash()}


def test_a_target_that_cannot_be_written_is_an_error_of_the_chunk(tmp_path):
    (tmp_path / "file").touch()
    settings = RunSettings(str(tmp_path / "file" / "moods"))
    outcome = Worker(settings, settings.model_hash()).process("a.parquet", packed("absent.jpg"))
    assert outcome.n_pictures == 0
    assert "Not a directory" in outcome.error


def test_the_models_must_be_those_of_the_run():
    with pytest.raises(IncompatibleModelError, match="differ from those of the machine that started the run"):
        Worker(RunSettings("moods"), "another hash")
