"""One worker's service: everything that its routes share."""

from __future__ import annotations

from imagemood.serve.bodies import Bodies
from imagemood.serve.downstream import Downstream
from imagemood.serve.engine import Engine
from imagemood.serve.fetch import Fetcher
from imagemood.serve.metrics import Metrics
from imagemood.serve.settings import Settings


class Service:
    """Everything that the routes share.

    Parameters
    ----------
    settings : Settings
        How to serve.

    Attributes
    ----------
    metrics : Metrics
        What is counted.
    engine : Engine
        What computes.
    bodies : Bodies
        What reads requests.
    downstream : Downstream
        Where answers go on to.
    fetcher : Fetcher or None
        What fetches pictures by URL, where the operator allows it.
    is_ready : bool
        Whether requests are taken.

    Raises
    ------
    ModelError
        If a model is missing, damaged, or does not fit.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.engine = Engine(settings, self.metrics)
        self.bodies = Bodies(settings.limits)
        self.downstream = Downstream(settings.downstream, settings.limits)
        self.fetcher = Fetcher(settings.limits) if settings.allow_urls else None
        self.is_ready = False

    async def close(self) -> None:
        """Finish what was taken up."""
        self.is_ready = False
        await self.engine.close()
        await self.downstream.close()
        self.metrics.close()
