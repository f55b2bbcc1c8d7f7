"""A plain FastAPI application, for comparison with `imagemood serve`: it calls the models once per request."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from imagemood import tables
from imagemood.models import model_directory
from imagemood.prediction.cascade import Cascade
from imagemood.tables.formats.protobuf import FORMAT as PROTOBUF
from imagemood.tables.messages_pb2 import Image, ImageTag, ImageTagSet
from imagemood.tables.tag_set import TagSet

MEDIA_TYPE = "application/vnd.google.protobuf"
app, classifier, cascade = FastAPI(), model_directory.load("tags"), Cascade.load()


@app.post("/rows")
async def classify_rows(request: Request) -> Response:
    tags = TagSet(PROTOBUF.decode_tag_rows(await request.body(), "request"))
    moods = classifier.predict_rows(tags).rows
    return Response(tables.encode(moods.table, "protobuf"), media_type=MEDIA_TYPE)


@app.post("/photo")
async def classify_photo(request: Request) -> Response:
    moods = cascade.classify(Image.FromString(await request.body()).image_binary).moods
    rows = [ImageTag(image=0, tag=mood, score=p) for mood, p in moods.items()]
    return Response(ImageTagSet(ImageTags=rows).SerializeToString(), media_type=MEDIA_TYPE)
