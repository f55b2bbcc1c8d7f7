"""The queue of pictures: they are decoded, and those that are ready are classified in batches."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from imagemood.pictures.picture import Picture
from imagemood.pictures.processes.decoder_processes import DecoderProcesses
from imagemood.prediction.cascade import Cascade
from imagemood.serve.inference import core_affinity
from imagemood.serve.inference.batching import Batcher, BatchPolicy
from imagemood.serve.inference.core_affinity import CoreAffinity
from imagemood.serve.inference.decode_queue import DecodeQueue
from imagemood.serve.inference.pace import Pace

_MIN_SLOW = 4  # pictures that take long, and are decoded beside the others
_BATCHES_AHEAD = 2  # of each thread, whose pictures are decoded
Options = TypeVar("Options")
Output = TypeVar("Output")


class PictureQueue(Generic[Options, Output]):
    """A bounded queue of pictures. All methods must be called in the event loop's thread.

    Parameters
    ----------
    compute : callable
        Returns the outputs of a batch of pictures with their options; see `Batcher`.
    cascade : Cascade
        Determines the size of the pictures, the number of threads, and the size of the batches.
    decoders : DecoderProcesses or None
        Decode the pictures, except small and simple JPEG files, which `compute` decodes. Without them, it decodes
        all pictures.
    capacity : int
        Number of pictures that may wait.
    observe : callable
        Called with the size of each batch.

    Attributes
    ----------
    max_background : int
        Number of pictures in the background that keep all cores busy, and leave half of the queue to the others.
    """

    def __init__(
        self,
        compute: Callable[[list[tuple[Picture, Options]], bool], Sequence[Output]],
        cascade: Cascade,
        decoders: DecoderProcesses | None,
        capacity: int,
        observe: Callable[[int], None],
    ) -> None:
        n_workers, batch_size = cascade.n_workers, cascade.batch_size
        n_slow = max(_MIN_SLOW, 2 * n_workers)
        n_ahead = _BATCHES_AHEAD * n_workers * batch_size
        self.max_background = min(n_workers * batch_size, max(1, capacity // 2))
        self._decode_queue = None
        batch_capacity = capacity
        if decoders is not None:
            batch_capacity = n_ahead + 2 * n_workers + n_slow
            self._decode_queue = DecodeQueue(
                decoders,
                DecoderProcesses(decoders.timeout_s, has_low_priority=True),
                size_px=cascade.tagger.size_px,
                resizing=cascade.tagger.resizing,
                n_processes=n_workers,
                n_slow=n_slow,
                capacity=capacity,
                n_ahead=n_ahead,
            )
        n_preparing = (lambda: 0) if self._decode_queue is None else self._decode_queue.n_arriving
        self._affinity = None if cascade.tagger.network.on_gpu else core_affinity.one_core_each(n_workers)
        policy = BatchPolicy(n_workers, batch_size, batch_capacity, n_preparing=n_preparing)
        self._batcher: Batcher[tuple[Picture, Options], Output] = Batcher(
            "pictures",
            compute if self._affinity is None else partial(self._compute_on_core, self._affinity, compute),
            policy,
            observe,
        )

    def _compute_on_core(
        self,
        affinity: CoreAffinity,
        compute: Callable[[list[tuple[Picture, Options]], bool], Sequence[Output]],
        batch: list[tuple[Picture, Options]],
        alone: bool,
    ) -> Sequence[Output]:
        affinity.set(is_exclusive=self._decode_queue is None or not self._decode_queue.is_decoding)
        try:
            return compute(batch, alone)
        finally:
            affinity.hand_over()

    @property
    def n_waiting(self) -> int:
        """Number of pictures in the queue."""
        n_decoding = 0 if self._decode_queue is None else self._decode_queue.n_waiting
        return n_decoding + self._batcher.n_waiting

    @property
    def pace(self) -> Pace:
        """The time that the queue takes for a picture."""
        return (self._decode_queue or self._batcher).pace

    def check_capacity(self, n_pictures: int = 1) -> None:
        """Raise `OverloadedError` if `n_pictures` more are too many."""
        (self._decode_queue or self._batcher).check_capacity(n_pictures)

    def submit(
        self, pictures: Sequence[Picture], options: Options, *, in_background: bool = False
    ) -> list[asyncio.Future[Output]]:
        """Queue all pictures of a request, or none, and return a future of each output.

        Pictures in the background let those of other requests go first. Their number is not limited here.
        """
        if self._affinity is not None:
            self._affinity.set_event_loop()
        items = [(picture, options) for picture in pictures]
        queue = self._decode_queue
        if queue is None:
            return self._batcher.submit(items, in_background=in_background)
        if len(pictures) == 1 and queue.skip(pictures[0]):
            try:
                (output,) = self._batcher.submit(items, in_background=in_background)
            except BaseException:
                queue.release()
                raise
            output.add_done_callback(lambda _: queue.release())
            return [output]
        outputs: list[asyncio.Future[Output]] = []
        for decoded in queue.submit(pictures, in_background=in_background):
            output = asyncio.ensure_future(self._compute_decoded(decoded, options, in_background))
            # Not in the task: one that is cancelled before it starts would release nothing.
            output.add_done_callback(partial(_release, queue, decoded))
            outputs.append(output)
        return outputs

    async def _compute_decoded(
        self, decoded: asyncio.Future[Picture], options: Options, in_background: bool
    ) -> Output:
        picture = await decoded
        (output,) = self._batcher.submit([(picture, options)], in_background=in_background)
        return await output

    async def close(self) -> None:
        """End the decoding, complete the batches in progress, and stop the threads."""
        if self._decode_queue is not None:
            await self._decode_queue.close()
        await self._batcher.close()


def _release(queue: DecodeQueue, decoded: asyncio.Future[Picture], _: asyncio.Future[Any]) -> None:
    """Declare that a picture has been used, or stop its decoding if it is not needed any more."""
    was_decoded = not decoded.cancel() and not decoded.cancelled() and decoded.exception() is None
    if was_decoded:
        queue.release()


def start_decoders(timeout_s: float, n_processes: int) -> tuple[DecoderProcesses, threading.Thread]:
    """Return decoder processes, which start in the background, and the thread that ends when they have started."""
    decoders = DecoderProcesses(timeout_s)
    thread = threading.Thread(target=decoders.prepare, args=(n_processes,), name="prepare", daemon=True)
    thread.start()
    return decoders, thread
