"""Requests and responses of the routes under `/v1`, in JSON."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from imagemood.prediction import heatmap
from imagemood.prediction.affect import POSITIVE_MOODS, VALENCE_AROUSAL
from imagemood.serve.inference.engine import Prediction
from imagemood.serve.problems import Problem
from imagemood.serve.schemas.openapi import PNG_BASE64

DEFAULT_N_DROPS = 10
"""Number of tags in an explanation if the parameter `tags` is 0."""
MAP_SIDE_PX = 224
MAX_URL_LENGTH = 2000
"""Number of characters of the URL of a picture, unless it is a data URL."""
_MOOD_ORDER = ("amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger")
"""The order on the page: pleasant and aroused, pleasant and calm, unpleasant and calm, unpleasant and aroused."""


class ExplainTarget(StrEnum):
    """Kinds of explanation."""

    tags = "tags"
    map = "map"
    all = "all"


class PictureInput(BaseModel):
    """A picture in JSON: its content in base64, or its URL."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str | None, Field(max_length=500, description="Name of the picture in the response.")] = None
    base64: Annotated[
        str | None,
        Field(
            description="Content of a picture file, or a data: URL of it.", json_schema_extra={"format": "byte"}
        ),
    ] = None
    url: Annotated[
        str | None,
        Field(description="A data: URL or, if the operator allows it, an http(s) URL of up to 2000 characters."),
    ] = None


class MoodsRequest(BaseModel):
    """Pictures in JSON."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"images": [{"name": "pixel.png", "base64": PNG_BASE64}]}},
    )

    images: Annotated[list[PictureInput], Field(min_length=1)]


class ModelInfo(BaseModel):
    """The models that computed the response."""

    name: str
    hash: Annotated[str, Field(description="SHA-256 of all files of the tagger and the mood classifier.")]


class Affect(BaseModel):
    """Summary of the mood probabilities."""

    valence: Annotated[float, Field(ge=-1, le=1, description="Expected valence.")]
    arousal: Annotated[float, Field(ge=-1, le=1, description="Expected arousal.")]
    positive: Annotated[float, Field(description="Total probability of the pleasant moods.")]
    negative: Annotated[float, Field(description="Total probability of the unpleasant moods.")]


class Explanation(BaseModel):
    """The contributions of tags and regions to a mood."""

    mood: str
    drops: Annotated[dict[str, float], Field(description="Decrease of the mood's probability without each tag.")]
    tags_alone: Annotated[
        dict[str, float] | None,
        Field(
            description="Probabilities if only the tags are known, to which the drops refer; null if the mood "
            "classifier itself uses the tags."
        ),
    ]
    map: Annotated[
        str | None,
        Field(
            description="Heat map to overlay on the picture: a data URL of a transparent PNG of 224×224 pixels."
        ),
    ]
    map_range: Annotated[
        tuple[float, float] | None,
        Field(
            description="Probabilities of the mood at the positions where the map is transparent and where it is "
            "darkest; the colours between them are linear in the log-odds."
        ),
    ]


class ProblemBody(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class PictureResult(BaseModel):
    """The result for one picture, or the error that occurred."""

    image: str
    moods: Annotated[dict[str, float] | None, Field(description="Probabilities in descending order.")] = None
    affect: Affect | None = None
    tags: Annotated[dict[str, float] | None, Field(description="Scores in descending order.")] = None
    explanation: Explanation | None = None
    error: ProblemBody | None = None


class MoodsResponse(BaseModel):
    """The results for the pictures of a request, in order."""

    model: ModelInfo
    results: list[PictureResult]


class Mood(BaseModel):
    """A mood with its valence and arousal, which are null if unknown."""

    mood: str
    valence: float | None
    arousal: float | None
    positive: bool | None


class RequestLimits(BaseModel):
    """Limits on a request, and whether it may name pictures by their URLs."""

    max_bytes: int
    max_pixels: int
    max_images: int
    accepts_urls: bool


class LabelsResponse(BaseModel):
    """The moods and tags of the models, and the limits on requests."""

    model: ModelInfo
    moods: list[Mood]
    tags: list[str]
    tags_only: Annotated[bool, Field(description="Whether requests may have the parameter `tags_only`.")]
    limits: RequestLimits


def ordered_moods(labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return the fields of `Mood` for each mood of a model: known moods first, in a fixed order.

    Examples
    --------
    >>> [entry["mood"] for entry in ordered_moods(["anger", "nostalgia", "awe"])]
    ['awe', 'anger', 'nostalgia']
    """
    known = [mood for mood in _MOOD_ORDER if mood in labels]
    others = [mood for mood in labels if mood not in _MOOD_ORDER]
    return [
        {
            "mood": mood,
            "valence": VALENCE_AROUSAL[mood][0] if mood in VALENCE_AROUSAL else None,
            "arousal": VALENCE_AROUSAL[mood][1] if mood in VALENCE_AROUSAL else None,
            "positive": mood in POSITIVE_MOODS if mood in VALENCE_AROUSAL else None,
        }
        for mood in (*known, *others)
    ]


def prediction_to_dict(prediction: Prediction, top: int | None, n_tags: int, *, with_map: bool) -> dict[str, Any]:
    """Return the fields of `PictureResult`, with the `top` most probable moods (all if None) and `n_tags` tags."""
    result = prediction.result
    if result.error is not None:
        return {"image": result.image, "error": Problem.from_error(result.error, picture=result.image).body()}
    fields = result.to_dict(top=top, tags=n_tags)
    if prediction.explanation is not None:
        heat_map = prediction.explanation.heat_map if with_map else None
        drops = sorted(prediction.explanation.tag_drops.items(), key=lambda entry: -abs(entry[1]))
        fields["explanation"] = {
            "mood": prediction.explanation.mood,
            "drops": dict(drops[: n_tags or DEFAULT_N_DROPS]),
            "tags_alone": prediction.explanation.tags_alone,
            "map": None if heat_map is None else _data_url(heat_map),
            "map_range": None if heat_map is None else heatmap.probability_range(heat_map),
        }
    return fields


def _data_url(heat_map: NDArray[np.float32]) -> str:
    content = io.BytesIO()
    PIL.Image.fromarray(heatmap.render(heat_map, (MAP_SIDE_PX, MAP_SIDE_PX))).save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
