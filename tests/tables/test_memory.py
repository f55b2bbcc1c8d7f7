from __future__ import annotations

import pytest

from imagemood.errors import InputError
from imagemood.tables.memory import check_memory


@pytest.fixture
def free_gigabytes(monkeypatch):
    def set_free(gigabytes):
        monkeypatch.setattr("imagemood.tables.memory.available_bytes", lambda: int(gigabytes * 1e9))

    return set_free


def test_matrix_that_fits(free_gigabytes):
    free_gigabytes(1)
    check_memory(100_000, 1000)  # 2.5 copies of 0.4 GB
    check_memory(0, 0)


def test_matrix_that_does_not_fit(free_gigabytes):
    free_gigabytes(1)
    with pytest.raises(InputError) as caught:
        check_memory(200_000, 1000)
    assert str(caught.value) == (
        "training on 200,000 pictures × 1,000 columns needs 2.0 GB of memory, but only 1.0 GB are free "
        "(train on at most 100,000 pictures, or on fewer tags)"
    )


def test_suggested_number_of_pictures_fits(free_gigabytes):
    free_gigabytes(0.5)
    with pytest.raises(InputError, match="at most 50,000 pictures"):
        check_memory(50_001, 1000)
    check_memory(50_000, 1000)
