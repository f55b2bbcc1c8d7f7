"""The state that all routes of a worker process share."""

from __future__ import annotations

import math

from imagemood.serve.downstream import Downstream
from imagemood.serve.inference.engine import Engine
from imagemood.serve.memory import MemoryInFlight
from imagemood.serve.metrics import Metrics
from imagemood.serve.previews import Previews
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.bodies import BodyReader
from imagemood.serve.request_bodies.fetch import Fetcher
from imagemood.serve.settings import Settings


class Service:
    """The models, queues, metrics and clients of a worker process. `fetcher` is None unless URLs are allowed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.engine = Engine(settings, self.metrics)
        self.previews = Previews(settings.limits)
        self.memory = MemoryInFlight(settings.limits.max_held_bytes)
        self.bodies = BodyReader(settings.limits, self.memory)
        self.downstream = Downstream(settings.downstream, settings.limits)
        self.fetcher = Fetcher(settings.limits) if settings.allow_urls else None
        self.is_ready = False

    def check_ready(self) -> None:
        """Raise a problem with status 503 unless the service accepts requests."""
        if not self.is_ready:
            raise Problem(503, "the service is starting or stopping")

    def retry_after_s(self, estimate: float | None = None) -> int:
        """Return the seconds after which a refused request may succeed, by default until no item waits.

        They are at most the time limit of responses, after which requests stop waiting.
        """
        seconds = self.engine.waiting_s if estimate is None else estimate
        return max(1, math.ceil(min(seconds, self.settings.limits.response_timeout_s)))

    async def close(self) -> None:
        """Complete the requests in progress, and release all resources."""
        self.is_ready = False
        await self.engine.close()
        await self.previews.close()
        await self.downstream.close()
        self.metrics.close()
