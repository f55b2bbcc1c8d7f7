"""Decodes pictures in separate processes without a thread that waits for each of them.

Handing a picture to a thread and back takes as long as decoding a small one. The event loop therefore sends small
pictures to the processes itself, and reads their answers. It never waits for a process: a decoder that a hostile
picture has taken over could otherwise stop the service.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Executor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes import decoder_protocol
from imagemood.pictures.processes.decoder_process import DecoderProcess
from imagemood.pictures.processes.decoder_processes import DecoderProcesses, Decoding
from imagemood.pictures.processes.decoder_protocol import HEADER_BYTES, Kind

MAX_INLINE_BYTES = 500_000
"""Size of a picture file above which a thread sends it."""
_READ_BYTES = 2**20
_COMPLETE = frozenset((Kind.PIXELS, Kind.FAILURE))  # after which the process waits for the next picture


async def decode(
    decoders: DecoderProcesses,
    picture: Picture,
    decoding: Decoding,
    *,
    size_px: int,
    resizing: Resizing | None,
    executor: Executor,
) -> NDArray[np.uint8]:
    """Decode a picture whose content is in memory; the errors are those of `DecoderProcesses.decode`.

    Parameters
    ----------
    decoders : DecoderProcesses
        The processes.
    picture : Picture
        The picture.
    decoding : Decoding
        Allows others to slow the decoding down, or to cancel it.
    size_px, resizing
        As in `imagemood.pictures.pixels.decoding.decode`.
    executor : Executor
        Its threads do what may take time.
    """
    loop = asyncio.get_running_loop()
    content = picture.read()
    process = decoders.take_idle() if len(content) <= MAX_INLINE_BYTES else None
    if process is None or not process.can_send(content):
        if process is not None:
            decoders.give_back(process)
        decode_in_thread = partial(decoders.decode, decoding=decoding)
        return await loop.run_in_executor(
            executor, partial(picture.decode, size_px, resizing=resizing, decoder=decode_in_thread)
        )
    try:
        decoding.start(process, picture.name)
        options = process.send(content, size_px=size_px, resizing=resizing, max_pixels=picture.max_pixels)
        arrived = await _read_answer(process, HEADER_BYTES + options.max_answer_bytes)
        receive = partial(
            process.receive, options, name=picture.name, accepts_large=decoding.accepts_large, arrived=arrived
        )
        is_complete = len(arrived) == decoder_protocol.size_of(arrived) and arrived[0] in _COMPLETE
        return receive() if is_complete else await loop.run_in_executor(executor, receive)
    finally:
        decoding.finish()
        if decoders.is_reusable(process):
            decoders.give_back(process)
        else:
            loop.run_in_executor(executor, decoders.give_back, process)


async def _read_answer(process: DecoderProcess, max_bytes: int) -> bytes | bytearray:
    """Return the answer of a process, or a part of it if the process has ended or the answer is too long."""
    loop, descriptor = asyncio.get_running_loop(), process.responses
    answer: asyncio.Future[bytes | bytearray] = loop.create_future()
    arrived: bytes | bytearray = b""

    def read() -> None:
        nonlocal arrived
        if answer.done():
            return
        try:
            chunk = os.read(descriptor, _READ_BYTES)  # does not wait, since something can be read
        except BlockingIOError:
            return
        if not arrived:
            arrived = chunk  # usually the whole answer
        else:
            arrived = arrived if isinstance(arrived, bytearray) else bytearray(arrived)
            arrived += chunk
        size = decoder_protocol.size_of(arrived)
        if not chunk or (size is not None and len(arrived) >= size) or len(arrived) > max_bytes:
            answer.set_result(arrived)

    loop.add_reader(descriptor, read)
    try:
        return await answer
    finally:
        loop.remove_reader(descriptor)
