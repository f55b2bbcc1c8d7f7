"""Requests and responses of the vision service that PhotoPrism calls."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from imagemood.serve.schemas.openapi import PNG_BASE64

MAX_ID_LENGTH = 200


class VisionRequest(BaseModel):
    """The images of one photo. The other fields that PhotoPrism sends, such as a prompt, are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "3487da77-246e-4b4c-9437-67507177bcd7",
                "model": "imagemood",
                "suffix": "",
                "stream": False,
                "images": [f"data:image/png;base64,{PNG_BASE64}"],
            }
        }
    )

    id: Annotated[str, Field(max_length=MAX_ID_LENGTH, description="Returned in the response.")] = ""
    images: Annotated[
        list[str], Field(description="data: URLs, contents in base64 or, if the operator allows it, http(s) URLs.")
    ] = []
    url: Annotated[str, Field(description="The URL of an image, instead of `images`.")] = ""


class VisionModel(BaseModel):
    """The model that computed the labels."""

    type: str
    name: str
    version: str


class Label(BaseModel):
    """A mood as a label of PhotoPrism."""

    name: str
    source: str
    confidence: Annotated[float, Field(ge=0, le=1, description="Probability of the mood.")]
    topicality: Annotated[float, Field(ge=0, le=1, description="The same probability.")]
    categories: list[str]


class Labels(BaseModel):
    """The labels of a photo."""

    labels: list[Label]


class VisionResponse(BaseModel):
    """The moods of a photo, the most probable one first."""

    id: str
    code: int
    model: VisionModel
    result: Labels
