from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagemood.errors import ImageError
from imagemood.pictures.picture import Picture
from imagemood.pictures.processes import decoder_process
from imagemood.pictures.processes.decoder_processes import DecoderProcesses, Decoding
from imagemood.serve.inference import async_decoding
from tests.pictures import hostile_decoder

uvloop = pytest.importorskip("uvloop")  # does not exist on Windows
SIZE_PX = 32
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not state how full a pipe is")


def run(scenario, monkeypatch, timeout_s=600.0):
    """Run a scenario with hostile decoders, and with an executor whose use is recorded."""
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    jobs = []

    class Recorder(ThreadPoolExecutor):
        def submit(self, function, *arguments):
            jobs.append(function)
            return super().submit(function, *arguments)

    async def run_scenario(decoders, executor):
        await asyncio.wait_for(scenario(decoders, executor, jobs), 60)

    with DecoderProcesses(timeout_s) as decoders, Recorder(2) as executor:
        decoders.prepare(1)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as in the service
            runner.run(run_scenario(decoders, executor))


async def decode(decoders, executor, word, decoding=None):
    content = word if isinstance(word, bytes) else word.encode()
    picture = Picture.from_bytes(content, name="bad.jpg")
    pixels = await async_decoding.decode(
        decoders, picture, decoding or Decoding(), size_px=SIZE_PX, resizing=None, executor=executor
    )
    assert pixels.shape == (SIZE_PX, SIZE_PX, 3)
    return int(pixels[0, 0, 0])


def test_small_pictures_need_no_thread(monkeypatch):
    async def scenario(decoders, executor, jobs):
        assert [await decode(decoders, executor, str(number)) for number in (1, 2, 3)] == [1, 2, 3]
        with pytest.raises(ImageError, match=r"bad.jpg: it \(try another\)"):
            await decode(decoders, executor, "refuse it")
        assert await decode(decoders, executor, "4") == 4
        assert jobs == []

    run(scenario, monkeypatch)


def test_large_files_and_pictures_beyond_the_processes_use_threads(monkeypatch):
    async def scenario(decoders, executor, jobs):
        assert await decode(decoders, executor, "6") == 6
        large = b"7".ljust(async_decoding.MAX_INLINE_BYTES + 1)
        assert await decode(decoders, executor, large) == 7
        assert len(jobs) == 1
        results = await asyncio.gather(decode(decoders, executor, "1"), decode(decoders, executor, "2"))
        assert results == [1, 2]
        assert len(jobs) == 2

    run(scenario, monkeypatch)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("crash", r"the decoder crashed \(SIGSEGV\)"),
        ("exit", "the decoder ended with exit code 3"),
        ("lie", "the decoder returned an invalid answer"),
        ("hang", "decoding took longer than 1 s"),
    ],
)
def test_a_process_that_fails_does_not_stop_the_event_loop(monkeypatch, word, message):
    async def scenario(decoders, executor, jobs):
        n_ticks = 0

        async def tick():
            nonlocal n_ticks
            while True:
                await asyncio.sleep(0.01)
                n_ticks += 1

        ticking = asyncio.create_task(tick())
        with pytest.raises(ImageError, match=f"bad.jpg: {message}"):
            await decode(decoders, executor, word)
        ticking.cancel()
        assert n_ticks > 10 or word != "hang"
        assert await decode(decoders, executor, "5") == 5
        assert jobs

    run(scenario, monkeypatch, timeout_s=1)


def test_a_cancelled_decoding_fails(monkeypatch):
    async def scenario(decoders, executor, _):
        decoding = Decoding()
        task = asyncio.ensure_future(decode(decoders, executor, "hang", decoding))
        while not decoding.has_started:
            await asyncio.sleep(0.01)
        decoding.cancel()
        with pytest.raises(ImageError, match="decoding was cancelled"):
            await task

    run(scenario, monkeypatch)


def test_large_pictures_take_memory_in_a_thread(monkeypatch):
    async def scenario(decoders, executor, jobs):
        assert await decode(decoders, executor, "1") == 1
        assert await decode(decoders, executor, "reserve 60000000") == 7
        assert len(jobs) == 1
        with pytest.raises(decoder_process.LargePictureError):
            await decode(decoders, executor, "reserve 600000000", Decoding(accepts_large=False))
        assert await decode(decoders, executor, "6") == 6

    run(scenario, monkeypatch)


def test_answers_may_arrive_in_pieces():
    """As from a decoder that a hostile picture has taken over."""

    class Process:
        responses, _writer = os.pipe()

    async def scenario():
        answer = bytes([7]) + (4).to_bytes(8, "big") + b"abcd"
        reading = asyncio.ensure_future(async_decoding._read_answer(Process, 100))
        for byte in answer:
            os.write(Process._writer, bytes([byte]))
            await asyncio.sleep(0.001)
        assert await reading == answer
        reading = asyncio.ensure_future(async_decoding._read_answer(Process, 100))
        await asyncio.sleep(0)
        os.write(Process._writer, b"\xff" * 200)
        assert len(await reading) == 200
        reading = asyncio.ensure_future(async_decoding._read_answer(Process, 100))
        await asyncio.sleep(0)
        os.close(Process._writer)
        assert await reading == b""
        os.close(Process.responses)

    asyncio.run(scenario())
