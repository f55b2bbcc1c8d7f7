"""Makes previews of pictures in formats that browsers do not display."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

import PIL.Image

from imagemood.errors import OverloadedError
from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes.decoder_processes import DecoderProcesses
from imagemood.serve.settings import Limits

SIDE_PX = 1024
"""Largest width and height of a preview."""
_MAX_WAITING = 16
_QUALITY = 88


class Previews:
    """Makes one preview at a time, with a process of low priority, so that classification is hardly delayed."""

    def __init__(self, limits: Limits) -> None:
        self._timeout_s = limits.response_timeout_s
        self._decoders = (
            None
            if limits.decode_timeout_s is None
            else DecoderProcesses(limits.decode_timeout_s, has_low_priority=True)
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="preview")
        self._n_waiting = 0

    async def make(self, picture: Picture) -> bytes:
        """Return a picture as a JPEG file; raise `ImageError` if it cannot be decoded."""
        if self._n_waiting >= _MAX_WAITING:
            raise OverloadedError("too many previews are waiting", hint="retry later")
        self._n_waiting += 1
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._make, picture)
        except TimeoutError:
            raise OverloadedError("the response took too long to compute", hint="retry later") from None
        finally:
            self._n_waiting -= 1

    def _make(self, picture: Picture) -> bytes:
        decoder = decoding.decode if self._decoders is None else self._decoders.decode
        pixels = picture.decode(SIDE_PX, resizing=Resizing(SIDE_PX, crops=False), decoder=decoder)
        content = io.BytesIO()
        PIL.Image.fromarray(pixels).save(content, format="JPEG", quality=_QUALITY)
        return content.getvalue()

    async def close(self) -> None:
        """End the process and the thread; previews that are waiting fail."""
        if self._decoders is not None:
            self._decoders.close()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
