from __future__ import annotations

import threading

import numpy as np
import pytest

from imagemood.errors import ImageError, MoodError
from imagemood.pictures.picture import Picture
from imagemood.prediction.pipeline import predict_batch, predict_stream
from imagemood.prediction.result import Result


def picture(value: int) -> Picture:
    return Picture.from_image(np.full((32, 32, 3), value % 256, dtype=np.uint8), name=str(value))


class Recorder:
    """A predict function that records its batches, and returns the mean of each picture as a probability."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[str] = set()
        self.shapes: set[tuple[int, ...]] = set()

    def __call__(self, names, pixels):
        self.batches.append(names)
        self.threads.add(threading.current_thread().name)
        self.shapes.add(pixels.shape[1:])
        means = pixels.reshape(len(names), -1).mean(axis=1)
        return [
            Result(name, labels=("m",), probabilities=np.array([mean]))
            for name, mean in zip(names, means, strict=True)
        ]


@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_results_are_in_the_order_of_the_pictures(n_workers):
    pictures = [picture(i) for i in range(50)]
    results = list(predict_stream(pictures, Recorder(), size_px=16, n_workers=n_workers, batch_size=4))
    assert [result.image for result in results] == [str(i) for i in range(50)]
    assert [result.moods["m"] for result in results] == list(range(50))


@pytest.mark.parametrize(
    ("n_pictures", "n_workers", "expected"),
    [(1, 2, [1]), (10, 2, [5, 5]), (17, 2, [3] * 5 + [2]), (9, 1, [3, 3, 3]), (64, 2, [8] * 8)],
)
def test_a_list_is_divided_into_batches_of_equal_size(n_pictures, n_workers, expected):
    predict = Recorder()
    pictures = [picture(i) for i in range(n_pictures)]
    results = list(predict_stream(pictures, predict, size_px=32, n_workers=n_workers, batch_size=8))
    assert len(results) == n_pictures
    assert sorted(map(len, predict.batches), reverse=True) == expected


def test_an_iterator_is_divided_into_full_batches():
    predict = Recorder()
    pictures = (picture(i) for i in range(10))
    list(predict_stream(pictures, predict, size_px=32, n_workers=1, batch_size=4))
    assert [len(batch) for batch in predict.batches] == [4, 4, 2]


def test_no_pictures_give_no_results():
    predict = Recorder()
    assert list(predict_stream([], predict, size_px=32, n_workers=2, batch_size=8)) == []
    assert predict.batches == []


@pytest.mark.parametrize("n_workers", [1, 2])
def test_workers_run_in_their_own_threads(n_workers):
    predict = Recorder()
    list(predict_stream([picture(i) for i in range(20)], predict, size_px=32, n_workers=n_workers, batch_size=4))
    assert threading.current_thread().name not in predict.threads
    assert len(predict.threads) <= n_workers
    assert all(name.startswith("imagemood") for name in predict.threads)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_an_endless_iterator_is_consumed_a_few_batches_ahead(n_workers):
    n_consumed = 0

    def endless():
        nonlocal n_consumed
        while True:
            n_consumed += 1
            yield picture(n_consumed)

    stream = predict_stream(endless(), Recorder(), size_px=32, n_workers=n_workers, batch_size=4)
    next(stream)
    assert n_consumed <= 4 * (2 * n_workers + 1)
    stream.close()


@pytest.mark.parametrize("n_workers", [1, 2])
def test_an_error_of_the_predict_function_is_raised(n_workers):
    def fail(names, pixels):
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        list(predict_stream([picture(i) for i in range(20)], fail, size_px=32, n_workers=n_workers, batch_size=4))


def test_pictures_that_fail_keep_their_place():
    error = ImageError("unsupported image format", where="bad")
    predict = Recorder()
    pictures = [picture(0), Picture.failed("bad", error), picture(2), Picture.from_bytes(b"text", name="text")]
    results = predict_batch(pictures, predict, 32)
    assert [result.image for result in results] == ["0", "bad", "2", "text"]
    assert results[1].error is error
    assert isinstance(results[3].error, ImageError)
    assert results[3].error.__traceback__ is None  # its frames would keep the content of the file
    assert results[3].error.__cause__ is None
    assert [result.error for result in (results[0], results[2])] == [None, None]
    assert predict.batches == [["0", "2"]]


def test_a_batch_of_failures_is_not_predicted():
    error = ImageError("unsupported image format", where="bad")
    predict = Recorder()
    assert [result.error for result in predict_batch([Picture.failed("bad", error)], predict, 32)] == [error]
    assert predict.batches == []


def test_pictures_are_resized_to_a_square():
    predict = Recorder()
    wide = Picture.from_image(np.zeros((20, 60, 3), dtype=np.uint8), name="wide")
    predict_batch([wide, picture(1)], predict, 24)
    assert predict.shapes == {(24, 24, 3)}


def test_the_decoder_decodes_the_content_of_files_only():
    decoded = []

    def decoder(content, *, name, size_px, resizing, max_pixels):
        decoded.append((content, name, size_px, max_pixels))
        return np.full((size_px, size_px, 3), 5, np.uint8)

    pictures = [picture(3), Picture.from_bytes(b"content", name="file", max_pixels=99)]
    results = list(predict_stream(pictures, Recorder(), size_px=16, n_workers=1, batch_size=4, decoder=decoder))
    assert [result.moods["m"] for result in results] == [3, 5]
    assert decoded == [(b"content", "file", 16, 99)]


def test_running_out_of_memory_while_decoding_concerns_one_picture():
    def read():
        raise MemoryError

    predict = Recorder()
    results = predict_batch([picture(0), Picture("huge", read), picture(2)], predict, 32)
    assert [str(result.error) for result in results] == [
        "None",
        "huge: not enough memory to classify the picture",
        "None",
    ]
    assert predict.batches == [["0", "2"]]


def test_running_out_of_memory_while_predicting_a_batch_predicts_one_picture_at_a_time():
    predict = Recorder()

    def limited(names, pixels):
        if len(names) > 1 or names == ["3"]:
            raise MemoryError
        return predict(names, pixels)

    pictures = [picture(i) for i in range(6)]
    results = list(predict_stream(pictures, limited, size_px=32, n_workers=2, batch_size=3))
    assert [result.image for result in results] == [str(i) for i in range(6)]
    assert [result.error is None for result in results] == [True, True, True, False, True, True]
    assert isinstance(results[3].error, ImageError)
    assert sorted(predict.batches) == [["0"], ["1"], ["2"], ["4"], ["5"]]


def test_an_interrupt_does_not_wait_for_the_pictures_in_progress():
    is_decoding, may_end = threading.Event(), threading.Event()

    def decoder(content, *, name, size_px, resizing, max_pixels):
        is_decoding.set()
        may_end.wait()
        return np.zeros((size_px, size_px, 3), np.uint8)

    def pictures():
        yield Picture.from_bytes(b"slow", name="slow")
        is_decoding.wait()
        raise KeyboardInterrupt

    stream = predict_stream(pictures(), Recorder(), size_px=16, n_workers=1, batch_size=1, decoder=decoder)
    with pytest.raises(KeyboardInterrupt):
        list(stream)
    assert not may_end.is_set()
    may_end.set()


def test_threads_that_cannot_be_started_are_one_clear_error(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(MoodError, match=r"^no thread can be started: can't start new thread \(allow this program"):
        list(predict_stream([picture(0)], Recorder(), size_px=32, n_workers=1, batch_size=4))
