"""The query parameters of the routes that classify pictures, and the results that they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from starlette.concurrency import run_in_threadpool

from imagemood.errors import VocabularyError
from imagemood.serve.inference.engine import Engine, Prediction, PredictionOptions
from imagemood.serve.schemas import v1
from imagemood.serve.schemas.v1 import ExplainTarget

_MAX_INLINE_TAGS = 1000  # of all pictures that are rendered together


@dataclass(frozen=True)
class MoodsQuery:
    """Parameters of a request for the moods of pictures.

    Attributes
    ----------
    top : int or None
        Number of most probable moods.
    n_tags : int
        Number of tags with the highest scores.
    options : PredictionOptions
        What has to be computed.
    """

    top: int | None
    n_tags: int
    options: PredictionOptions

    def check_names(self, engine: Engine) -> None:
        """Raise `VocabularyError` if the query names a mood or a tag that the models do not have."""
        options, moods = self.options, engine.mood_classifier.labels
        if options.mood is not None and options.mood not in moods:
            hint = f"choose one of {', '.join(moods)}"
            raise VocabularyError(f"no mood '{options.mood}'", where="mood", hint=hint)
        if options.tags_only and engine.cascade.tags_only_classifier is None:
            what = "no model predicts the moods of this service from the tags alone"
            raise VocabularyError(what, where="tags_only", hint="omit the parameter")
        wants_tags = options.tags or (options.explain_tags and not options.explain_map)
        if wants_tags and not engine.known_tags:
            where = "tags" if options.tags else "explain"
            raise VocabularyError("the network computes no tags", where=where, hint="omit the parameter")
        for tag in options.without:
            if tag not in engine.known_tags:
                raise VocabularyError(f"no tag '{tag}'", where="without", hint="GET /v1/labels lists the tags")

    @property
    def has_details(self) -> bool:
        """Whether it asks for more than moods: for tags or explanations."""
        return self.n_tags > 0 or self.options.explain_tags or self.options.explain_map

    async def render(self, predictions: list[Prediction]) -> list[dict[str, Any]]:
        """Return the fields of `PictureResult` for each prediction."""

        def to_dicts() -> list[dict[str, Any]]:
            with_map = self.options.explain_map
            return [
                v1.prediction_to_dict(entry, self.top, self.n_tags, with_map=with_map) for entry in predictions
            ]

        # Drawing and compressing maps, and many tags, would block the event loop.
        is_long = self.options.explain_map or self.n_tags * len(predictions) > _MAX_INLINE_TAGS
        return await run_in_threadpool(to_dicts) if is_long else to_dicts()


def moods_query(
    top: Annotated[int | None, Query(ge=1, description="Number of most probable moods to return.")] = None,
    tags: Annotated[int, Query(ge=0, description="Number of highest-scoring tags to return.")] = 0,
    explain: Annotated[
        ExplainTarget | None,
        Query(description="Explain the mood by the tags, by the map of a region, or by both."),
    ] = None,
    mood: Annotated[str | None, Query(description="Mood to explain. Defaults to the most probable one.")] = None,
    without: Annotated[list[str] | None, Query(description="Tags to ignore.", max_length=1000)] = None,
    tags_only: Annotated[
        bool, Query(description="Predict the moods from the tags alone, with the model that takes only tags.")
    ] = False,
) -> MoodsQuery:
    """Read the query parameters, as a dependency of a route."""
    options = PredictionOptions(
        tags=tags > 0,
        explain_tags=explain in (ExplainTarget.tags, ExplainTarget.all),
        explain_map=explain in (ExplainTarget.map, ExplainTarget.all),
        mood=mood,
        without=tuple(without or ()),
        tags_only=tags_only,
    )
    return MoodsQuery(top, tags, options)


def model_info(engine: Engine, *, tags_only: bool = False) -> dict[str, str]:
    """Return the fields of `ModelInfo` for the model that predicts the moods."""
    if tags_only:
        return {"name": engine.tags_only_name, "hash": engine.tags_only_hash}
    return {"name": engine.model_name, "hash": engine.model_hash}
