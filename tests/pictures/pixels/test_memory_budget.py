from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError, InputError
from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.pictures.pixels.memory_budget import SETTING, MemoryBudget


@pytest.fixture
def new_process(monkeypatch):
    """The state of a process that has not decoded any large picture yet."""
    monkeypatch.setattr(memory_budget, "_budget", None)
    monkeypatch.setattr(memory_budget, "_n_processes", 1)


def large_png(side_px=4000):
    content = io.BytesIO()
    PIL.Image.fromarray(np.zeros((side_px, side_px), np.uint16)).save(content, "PNG")
    return content.getvalue()


def test_pictures_that_fit_together_are_decoded_at_the_same_time():
    budget = MemoryBudget(100)
    both = threading.Barrier(2, timeout=30)

    def decode(name):
        with budget.reserve(50, name=name):
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(decode, ["a", "b"]))
    assert budget.n_reserved == 0


@pytest.mark.parametrize("n_threads", [2, 8])
def test_reservations_never_exceed_the_budget(n_threads):
    budget = MemoryBudget(100)
    rng = np.random.default_rng(0)
    sizes = [int(size) for size in rng.integers(1, 101, 400)]
    lock, total, peak = threading.Lock(), 0, 0

    def decode(size):
        nonlocal total, peak
        with budget.reserve(size, name="picture"):
            with lock:
                total += size
                peak = max(peak, total)
            with lock:
                total -= size

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(decode, sizes))
    assert 0 < peak <= 100
    assert budget.n_reserved == 0


def test_the_first_to_wait_is_the_first_to_be_served():
    budget = MemoryBudget(100)
    order: list[str] = []

    def decode(name, size):
        with budget.reserve(size, name=name):
            order.append(name)

    threads = [threading.Thread(target=decode, args=args) for args in [("big", 100), ("little", 10)]]
    with budget.reserve(90, name="first"):
        for n_waiting, thread in enumerate(threads, start=1):
            thread.start()
            while len(budget._waiting) < n_waiting:
                thread.join(0.001)
        assert order == []  # "little" would fit, but would let "big" wait for ever in a stream of little pictures
    for thread in threads:
        thread.join()
    assert order == ["big", "little"]


def test_a_picture_larger_than_the_budget_is_refused_without_waiting():
    budget = MemoryBudget(2_000_000_000)
    with budget.reserve(2_000_000_000, name="other"), pytest.raises(ImageError) as raised:
        budget.reserve(4_800_000_001, name="huge.png").__enter__()
    assert str(raised.value) == (
        "huge.png: decoding needs about 4,801 MB of memory, but the limit is 2,000 MB "
        "(free memory, or set IMAGEMOOD_DECODE_MEMORY_MB)"
    )


def test_an_interrupted_wait_leaves_the_queue(monkeypatch):
    budget = MemoryBudget(100)

    def interrupt(timeout=None):
        raise KeyboardInterrupt

    with budget.reserve(90, name="first"):
        monkeypatch.setattr(budget._changed, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            budget.reserve(20, name="second").__enter__()
        with budget.reserve(10, name="third"):
            assert budget.n_reserved == 100
    assert budget.n_reserved == 0


def test_the_memory_of_a_picture_that_fails_is_free_again():
    budget = MemoryBudget(100)
    with pytest.raises(ImageError), budget.reserve(100, name="damaged"):
        raise ImageError("damaged")
    assert budget.n_reserved == 0


def test_small_pictures_do_not_count(new_process, monkeypatch):
    monkeypatch.setenv(SETTING, "0.001")
    with memory_budget.reserve(memory_budget.SMALL_BYTES, name="small"):
        assert memory_budget.shared().n_reserved == 0
    with pytest.raises(ImageError, match="decoding needs about 33 MB of memory, but the limit is 0 MB"):
        memory_budget.reserve(memory_budget.SMALL_BYTES + 1, name="large").__enter__()


def test_decoding_reserves_memory_for_large_pictures(new_process):
    class Recorder:
        def __init__(self):
            self.reserved = []

        @contextmanager
        def reserve(self, n_bytes, *, name):
            self.reserved.append((name, n_bytes))
            yield

    recorder = Recorder()
    memory_budget.use(recorder)
    assert memory_budget.shared() is recorder
    decoding.decode(large_png(100), name="small", size_px=16)
    assert recorder.reserved == []
    decoding.decode(large_png(4000), name="large", size_px=16)
    ((name, n_bytes),) = recorder.reserved
    assert name == "large"
    assert n_bytes > memory_budget.SMALL_BYTES


def test_a_picture_that_needs_too_much_memory_is_one_clear_error(new_process, monkeypatch):
    monkeypatch.setenv(SETTING, "33")
    with pytest.raises(ImageError, match=r"^a\.png: decoding needs about \d+ MB of memory"):
        decoding.decode(large_png(), name="a.png", size_px=16)


def test_the_default_is_half_of_the_available_memory_with_a_floor(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setattr(memory_budget._available_memory, "available_bytes", lambda: 3_000_000_000)
    assert memory_budget.default_bytes() == 1_500_000_000
    monkeypatch.setattr(memory_budget._available_memory, "available_bytes", lambda: 0)
    assert memory_budget.default_bytes() == memory_budget.MIN_BYTES


def test_processes_that_share_the_machine_divide_the_budget(new_process, monkeypatch):
    monkeypatch.setenv(SETTING, "1200")
    memory_budget.divide_by(4)
    assert memory_budget.shared().n_bytes == 300_000_000


@pytest.mark.parametrize(("text", "expected"), [("", None), (" 512 ", 512_000_000), ("0.5", 500_000)])
def test_the_environment_variable_is_a_number_of_megabytes(monkeypatch, text, expected):
    monkeypatch.setenv(SETTING, text)
    assert memory_budget.configured_bytes() == expected


@pytest.mark.parametrize("text", ["1 GB", "0", "-3", "nan", "inf", "1e400", "0.0000001"])
def test_any_other_value_is_one_clear_error(monkeypatch, text):
    monkeypatch.setenv(SETTING, text)
    with pytest.raises(InputError) as raised:
        memory_budget.configured_bytes()
    assert str(raised.value) == f"{SETTING}: '{text}' is not a positive number of megabytes"
