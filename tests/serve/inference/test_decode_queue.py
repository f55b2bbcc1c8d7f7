from __future__ import annotations

import asyncio
import io

import PIL.Image
import pytest

from imagemood.errors import OverloadedError
from imagemood.pictures.picture import Picture
from imagemood.pictures.processes import decoder_process
from imagemood.pictures.processes.decoder_processes import DecoderProcesses
from imagemood.serve.inference import decode_queue
from imagemood.serve.inference.decode_queue import DecodeQueue
from tests.pictures import hostile_decoder

SIZE_PX = 32


def pictures(*words):
    """Create pictures whose content determines what the decoder does."""
    return [Picture.from_bytes(word.encode(), name=word) for word in words]


def run(scenario, monkeypatch, *, slow_s=3600.0, **options):
    """Run a scenario with a queue of hostile decoders."""
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    monkeypatch.setattr(decode_queue, "SLOW_S", slow_s)
    limits = {"n_processes": 1, "n_slow": 1, "capacity": 100, "n_ahead": 100, **options}

    async def run_scenario():
        decoders = [DecoderProcesses(600, has_low_priority=is_low) for is_low in (False, True)]
        queue = DecodeQueue(*decoders, size_px=SIZE_PX, resizing=None, **limits)
        try:
            await asyncio.wait_for(scenario(queue), 60)
        finally:
            await queue.close()

    asyncio.run(run_scenario())


def values(decoded):
    return [int(picture.decode()[0, 0, 0]) for picture in decoded]


def test_pictures_are_decoded_to_pixels(monkeypatch):
    async def scenario(queue):
        decoded = await asyncio.gather(*queue.submit(pictures("1", "2", "refuse it", "3")))
        assert [picture.name for picture in decoded] == ["1", "2", "refuse it", "3"]
        assert str(decoded[2].error) == "refuse it: it (try another)"
        assert values(decoded[:2] + decoded[3:]) == [1, 2, 3]
        assert decoded[0].decode().shape == (SIZE_PX, SIZE_PX, 3)

    run(scenario, monkeypatch)


def jpeg(size=(64, 48), colour=(0, 0, 0)):
    content = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(content, "JPEG")
    return Picture.from_bytes(content.getvalue(), name="simple.jpg")


def test_small_jpeg_files_are_skipped_unless_others_wait_or_enough_are_decoded(monkeypatch):
    async def scenario(queue):
        assert not queue.skip(*pictures("1"))
        assert queue.skip(jpeg())
        assert queue.skip(jpeg())
        assert not queue.skip(jpeg())
        waiting = queue.submit(pictures("1"))
        queue.release()
        queue.release()
        assert values(await asyncio.gather(*waiting)) == [1]
        queue.release()
        first, second = queue.submit(pictures("1", "2"))
        assert not queue.skip(jpeg())  # the second one waits for the only process
        assert values(await asyncio.gather(first, second)) == [1, 2]

    run(scenario, monkeypatch, n_ahead=2)


def test_the_requests_take_turns(monkeypatch):
    async def scenario(queue):
        order = []
        futures = queue.submit(pictures("1", "2", "3"))
        futures += queue.submit(pictures("4")) + queue.submit(pictures("5"))
        for future in futures:
            future.add_done_callback(lambda future: order.append(values([future.result()])[0]))
        await asyncio.gather(*futures)
        assert order == [1, 2, 4, 5, 3]

    run(scenario, monkeypatch)


def test_slow_pictures_do_not_delay_others_and_the_oldest_is_cancelled(monkeypatch):
    async def scenario(queue):
        (first,) = queue.submit(pictures("hang"))
        assert values([await queue.submit(pictures("1"))[0]]) == [1]
        (second,) = queue.submit(pictures("hang"))
        assert values([await queue.submit(pictures("2"))[0]]) == [2]
        error = (await first).error
        assert isinstance(error, OverloadedError)
        assert str(error) == "hang: decoding takes long, and other pictures are waiting (retry later)"
        assert not second.done()

    run(scenario, monkeypatch, slow_s=0.5)


def test_a_slow_picture_continues_if_no_other_is_waiting(monkeypatch):
    async def scenario(queue):
        hanging = queue.submit(pictures("hang"))
        done, _ = await asyncio.wait(hanging, timeout=0.5)
        assert not done

    run(scenario, monkeypatch, slow_s=0.05, n_slow=0)


def test_large_pictures_have_their_own_queue(monkeypatch):
    content = io.BytesIO()
    PIL.Image.new("RGB", (4000, 3000), (200, 0, 0)).save(content, "PNG")
    large = Picture.from_bytes(content.getvalue(), name="large.png")

    async def scenario(queue):
        order = []
        futures = [*queue.submit([large, large]), *queue.submit(pictures("1"))]
        for future in futures:
            future.add_done_callback(lambda future: order.append(values([future.result()])[0]))
        await asyncio.gather(*futures)
        assert order == [1, 200, 200]

    run(scenario, monkeypatch)


def test_a_cancelled_picture_ends_its_decoder(monkeypatch):
    async def scenario(queue):
        hanging, waiting, last = queue.submit(pictures("hang", "1", "2"))
        waiting.cancel()
        while not queue._running or not next(iter(queue._running)).decoding.has_started:
            await asyncio.sleep(0.001)
        hanging.cancel()
        assert values([await last]) == [2]
        assert queue.n_waiting == 0

    run(scenario, monkeypatch)


def test_large_requests_may_use_half_of_the_queue(monkeypatch):
    async def scenario(queue):
        queue.submit(pictures("hang"))
        queue.submit(pictures(*"123456789"))
        with pytest.raises(OverloadedError, match="too many requests are waiting"):
            queue.submit(pictures(*"123456789"))
        queue.submit(pictures(*"12345678"))
        with pytest.raises(OverloadedError):
            queue.check_capacity(4)
        queue.check_capacity(3)

    run(scenario, monkeypatch, capacity=20)


def test_pictures_are_not_decoded_far_ahead(monkeypatch):
    async def scenario(queue):
        futures = queue.submit(pictures("1", "2", "3", "4"))
        assert values(await asyncio.gather(*futures[:2])) == [1, 2]
        done, _ = await asyncio.wait(futures[2:], timeout=0.2)
        assert not done
        queue.release()
        assert values([await futures[2]]) == [3]
        assert not futures[3].done()

    run(scenario, monkeypatch, n_ahead=2)


def test_closing_ends_what_is_decoded_and_cancels_the_rest(monkeypatch):
    async def scenario(queue):
        hanging, waiting = queue.submit(pictures("hang", "1"))
        await queue.close()
        assert waiting.cancelled()
        assert (await hanging).error is not None

    run(scenario, monkeypatch)


def test_pictures_in_the_background_have_one_turn_together(monkeypatch):
    async def scenario(queue):
        order = []
        futures = queue.submit(pictures("1"))  # is being decoded
        for word in "678":
            futures += queue.submit(pictures(word), in_background=True)
        futures += queue.submit(pictures("2", "3"))
        for future in futures:
            future.add_done_callback(lambda future: order.append(values([future.result()])[0]))
        await asyncio.gather(*futures)
        assert order == [1, 6, 2, 7, 3, 8]
        late = queue.submit(pictures("9"), in_background=True)
        assert values([await late[0]]) == [9]

    run(scenario, monkeypatch)


def test_pictures_in_the_background_have_no_limit_and_do_not_end_slow_ones(monkeypatch):
    async def scenario(queue):
        slow = [queue.submit(pictures("hang"), in_background=True)[0] for _ in range(4)]
        await asyncio.sleep(0.3)
        assert not any(future.done() for future in slow)
        assert values([await queue.submit(pictures("1"))[0]]) == [1]
        for future in slow:
            future.cancel()

    run(scenario, monkeypatch, slow_s=0.05, capacity=4, n_slow=1)


def test_a_small_and_simple_jpeg_file_needs_no_process(monkeypatch):
    simple = jpeg((300, 200), (200, 0, 0))

    async def scenario(queue):
        (future,) = queue.submit([simple])
        assert future.result() is simple
        assert queue.n_arriving() == 0
        (future,) = queue.submit(pictures("1"))
        assert not future.done()
        assert queue.n_arriving() == 1
        await future

    run(scenario, monkeypatch)


def test_simple_files_count_as_decoded_ahead(monkeypatch):
    simple = jpeg((30, 20))

    async def scenario(queue):
        futures = queue.submit([simple, simple, simple])
        assert [future.done() for future in futures] == [True, True, False]
        queue.release()
        assert futures[2].done()

    run(scenario, monkeypatch, n_ahead=2)


def test_a_picture_that_cannot_be_read_fails(monkeypatch):
    async def scenario(queue):
        (picture,) = await asyncio.gather(*queue.submit([Picture.failed("x.jpg", OverloadedError("too busy"))]))
        assert str(picture.error) == "too busy"

    run(scenario, monkeypatch)
