from __future__ import annotations

import base64
import io

import PIL.Image
import pytest
from pydantic import BaseModel

from imagemood.serve.schemas.open_inference import InferRequest
from imagemood.serve.schemas.openapi import PNG_BASE64, inline_schema, request_body
from imagemood.serve.schemas.v1 import MoodsRequest


class Leaf(BaseModel):
    x: int


class Branch(BaseModel):
    leaves: list[Leaf]
    first: Leaf | None = None


def test_references_are_replaced_by_what_they_refer_to():
    schema = inline_schema(Branch)
    assert "$defs" not in schema
    assert schema["properties"]["leaves"]["items"] == Leaf.model_json_schema()
    assert schema["properties"]["first"]["anyOf"][0] == Leaf.model_json_schema()


@pytest.mark.parametrize("model", [MoodsRequest, InferRequest])
def test_request_schemas_have_no_references(model):
    assert "$ref" not in str(inline_schema(model))


def test_a_request_body_is_required():
    assert request_body({"image/*": {}}) == {"requestBody": {"required": True, "content": {"image/*": {}}}}


def test_the_example_is_a_picture():
    image = PIL.Image.open(io.BytesIO(base64.b64decode(PNG_BASE64)))
    assert (image.format, image.size, image.getcolors()) == ("PNG", (8, 8), [(64, image.getpixel((0, 0)))])
