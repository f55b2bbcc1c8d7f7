from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    """Make the scripts for training importable, as when one of them runs."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "training"))
