"""Requests and answers of `/v1`, as JSON has them."""

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
from imagemood.serve.engine import Told
from imagemood.serve.problems import Problem
from imagemood.serve.schemas import examples

N_DROPS = 10
"""Tags of an explanation, where `tags=` does not say how many."""
MAP_SIDE_PX = 224
_ORDER = ("amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger")
"""From the stirring pleasant moods over the calm ones of both kinds to the stirring unpleasant ones."""


class ExplainWhat(StrEnum):
    """What is to be explained."""

    tags = "tags"
    map = "map"
    all = "all"


class GivenImage(BaseModel):
    """A picture in JSON: its content in base64, or its address."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str | None, Field(max_length=500, description="What to call it in the answer.")] = None
    base64: Annotated[
        str | None, Field(description="A picture file's content.", json_schema_extra={"format": "byte"})
    ] = None
    url: Annotated[str | None, Field(max_length=2000, description="Where it is, if the operator allows URLs.")] = (
        None
    )


class GivenImages(BaseModel):
    """Pictures in JSON."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"images": [{"name": "pixel.png", "base64": examples.PNG_BASE64}]}},
    )

    images: Annotated[list[GivenImage], Field(min_length=1)]


class Model(BaseModel):
    """What answered."""

    name: str
    hash: Annotated[str, Field(description="SHA-256 over all files of the tagger and the mood classifier.")]


class Affect(BaseModel):
    """What the moods amount to."""

    valence: Annotated[float, Field(ge=-1, le=1)]
    arousal: Annotated[float, Field(ge=-1, le=1)]
    positive: float
    negative: float


class Explanation(BaseModel):
    """What carried a mood."""

    mood: str
    drops: Annotated[
        dict[str, float], Field(description="By how much the mood's probability drops without the tag.")
    ]
    map: Annotated[
        str | None, Field(description="PNG of 224×224 pixels as a data URL, a veil to lay over the picture.")
    ]


class ProblemBody(BaseModel):
    """What is wrong, by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


class Told1(BaseModel):
    """What is told of one picture."""

    image: str
    moods: Annotated[dict[str, float] | None, Field(description="Probabilities in descending order.")] = None
    affect: Affect | None = None
    tags: dict[str, float] | None = None
    explanation: Explanation | None = None
    error: ProblemBody | None = None


class Answer(BaseModel):
    """What is told of the pictures of a request."""

    model: Model
    results: list[Told1]


class Mood(BaseModel):
    """A mood, and where it stands."""

    mood: str
    valence: float | None
    arousal: float | None
    positive: bool | None


class ShownLimits(BaseModel):
    """What a request may take."""

    max_bytes: int
    max_pixels: int
    max_images: int


class Labels(BaseModel):
    """What the models know."""

    model: Model
    moods: list[Mood]
    tags: list[str]
    limits: ShownLimits


def moods_in_order(labels: Sequence[str]) -> list[dict[str, Any]]:
    """Put moods in their fixed order, with what is known of each.

    Parameters
    ----------
    labels : sequence of str
        The moods of a model.

    Returns
    -------
    list of dict
        The known ones first; valence, arousal and positive are None where a mood is not known.

    Examples
    --------
    >>> [entry["mood"] for entry in moods_in_order(["anger", "nostalgia", "awe"])]
    ['awe', 'anger', 'nostalgia']
    """
    known = [mood for mood in _ORDER if mood in labels]
    others = [mood for mood in labels if mood not in _ORDER]
    return [
        {
            "mood": mood,
            "valence": VALENCE_AROUSAL[mood][0] if mood in VALENCE_AROUSAL else None,
            "arousal": VALENCE_AROUSAL[mood][1] if mood in VALENCE_AROUSAL else None,
            "positive": mood in POSITIVE_MOODS if mood in VALENCE_AROUSAL else None,
        }
        for mood in (*known, *others)
    ]


def as_json(told: Told, top: int | None, n_tags: int, *, with_map: bool) -> dict[str, Any]:
    """Write down what was told of a picture.

    Parameters
    ----------
    told : Told
        Moods, tags, explanation.
    top : int or None
        How many moods; all by default.
    n_tags : int
        How many tags.
    with_map : bool
        Whether to draw the explained mood's map.

    Returns
    -------
    dict
        Fields of `Told1`.
    """
    result = told.result
    if result.error is not None:
        return {"image": result.image, "error": Problem.of(result.error).body()}
    fields = result.to_dict(top, n_tags)
    if told.explanation is not None:
        drops = sorted(told.explanation.tag_drops.items(), key=lambda entry: -abs(entry[1]))
        fields["explanation"] = {
            "mood": told.explanation.mood,
            "drops": dict(drops[: n_tags or N_DROPS]),
            "map": _data_url(told.explanation.heat_map) if with_map else None,
        }
    return fields


def _data_url(region: NDArray[np.float32] | None) -> str | None:
    if region is None:
        return None
    content = io.BytesIO()
    PIL.Image.fromarray(heatmap.render(region, (MAP_SIDE_PX, MAP_SIDE_PX))).save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
