"""The routes under `/api/v1/vision`, which PhotoPrism calls for the labels of a photo."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

import imagemood
from imagemood.serve import uploads
from imagemood.serve.inference.engine import PredictionOptions
from imagemood.serve.problems import problem_responses
from imagemood.serve.schemas.openapi import inline_schema, request_body
from imagemood.serve.schemas.vision import VisionRequest, VisionResponse
from imagemood.serve.service import Service

_MIN_PROBABILITY = 0.5
_CATEGORY = "mood"
MinProbability = Annotated[
    float, Query(ge=0, le=1, description="Probability that a mood must have to become a label.")
]


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(prefix="/api/v1/vision", tags=["PhotoPrism"])
    model = {"type": "labels", "name": service.engine.model_name, "version": imagemood.__version__}

    description: dict[str, Any] = {
        "response_model": VisionResponse,
        "responses": problem_responses(401, 403, 408, 413, 422, 502, 503),
        "openapi_extra": request_body({"application/json": {"schema": inline_schema(VisionRequest)}}),
    }

    @router.post("/labels", summary="Moods of a photo as labels", **description)
    async def labels(request: Request, min_probability: MinProbability = _MIN_PROBABILITY) -> dict[str, Any]:
        service.engine.pictures.check_capacity()
        async with service.bodies.read(request) as received:
            identifier, pictures = await uploads.read_vision_request(service, received)
            predictions = await service.engine.predict(pictures, PredictionOptions())
        moods: dict[str, float] = {}
        for prediction in predictions:
            if prediction.result.error is not None:
                raise prediction.result.error
            for mood, probability in prediction.result.moods.items():
                moods[mood] = max(probability, moods.get(mood, 0.0))
        return {
            "id": identifier,
            "code": 200,
            "model": model,
            "result": {"labels": [_label(*item) for item in _probable(moods, min_probability)]},
        }

    @router.post("/labels/{name}/{version}", summary="The same, for any name of a model", **description)
    async def labels_of_model(
        request: Request, name: str, version: str, min_probability: MinProbability = _MIN_PROBABILITY
    ) -> dict[str, Any]:
        del name, version  # names in the configuration of the client, not those of models of this service
        return await labels(request, min_probability)

    return router


def _probable(moods: dict[str, float], min_probability: float) -> list[tuple[str, float]]:
    """Return the moods that are probable enough, the most probable one first."""
    found = [(mood, probability) for mood, probability in moods.items() if probability >= min_probability]
    return sorted(found, key=lambda item: -item[1])


def _label(mood: str, probability: float) -> dict[str, Any]:
    return {
        "name": mood,
        "source": "image",
        "confidence": probability,
        "topicality": probability,
        "categories": [_CATEGORY],
    }
