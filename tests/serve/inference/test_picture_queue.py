from __future__ import annotations

import asyncio
import io
from types import SimpleNamespace

import PIL.Image
import pytest

from imagemood.pictures.picture import Picture
from imagemood.pictures.processes.decoder_processes import DecoderProcesses
from imagemood.serve.inference.picture_queue import PictureQueue

N_AHEAD = 8  # two batches of two pictures for each of two threads


def picture(kind):
    content = io.BytesIO()
    PIL.Image.new("RGB", (64, 48), (9, 99, 200)).save(content, kind)
    return Picture.from_bytes(content.getvalue())


def classify(items, alone):
    """Return the red value of each picture."""
    return [int(picture.decode(32)[0, 0, 0]) for picture, _ in items]


async def run(scenario):
    network = SimpleNamespace(on_gpu=False)
    tagger = SimpleNamespace(size_px=32, resizing=None, network=network)
    cascade = SimpleNamespace(n_workers=2, batch_size=2, tagger=tagger)
    decoders = DecoderProcesses(60)
    decoders.prepare(2)
    queue = PictureQueue(classify, cascade, decoders, 100, lambda _: None)
    try:
        await asyncio.wait_for(scenario(queue), 60)
    finally:
        await queue.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pictures_are_decoded_and_classified(kind):
    async def scenario(queue):
        found = await asyncio.gather(*queue.submit([picture(kind)] * 20, None))
        assert all(abs(value - 9) <= 2 for value in found)

    asyncio.run(run(scenario))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("in_background", [False, True])
@pytest.mark.parametrize("n_steps", [0, 1, 2, 3, 5, 10, 30])
def test_pictures_that_are_given_up_leave_their_places_to_others(kind, in_background, n_steps):
    async def scenario(queue):
        for _ in range(2 * N_AHEAD):
            (future,) = queue.submit([picture(kind)], None, in_background=in_background)
            for _ in range(n_steps):
                await asyncio.sleep(0 if n_steps < 10 else 0.0001)
            future.cancel()
        found = await asyncio.gather(*queue.submit([picture(kind)] * (N_AHEAD + 1), None))
        assert len(found) == N_AHEAD + 1
        assert queue.n_waiting == 0

    asyncio.run(run(scenario))
