from __future__ import annotations

import sys

import pytest

from imagemood.bulk import engine
from imagemood.errors import InputError, MissingExtraError


def test_a_missing_extra_is_an_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "daft", None)
    with pytest.raises(MissingExtraError, match=r"daft is not installed .*\[bulk\]"):
        engine.start()


def test_invalid_engines():
    with pytest.raises(InputError, match="--address requires the engine ray"):
        engine.start("local", "127.0.0.1:6379")
    with pytest.raises(InputError, match="unknown engine 'dask'"):
        engine.start("dask")
