"""The entry points of the project: each function returns the scores of moods or tags by image and label.

Every function takes the environment that the tests run in, and uses the real component: the package itself, a
command in a process of its own, a request to a running service, or the module inside an Acumos bundle.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import tritonclient.http as triton

import imagemood
from imagemood import tables
from imagemood.models import model_directory
from imagemood.pictures.picture import Picture
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from imagemood.tables.tag_set import TagSet
from tests.serve.serving import JSON, PROTOBUF, RunningService

ROOT = Path(__file__).parents[2]

Scores = dict[str | int, dict[str, float]]
"""Score of each label by the name or number of the image."""


@dataclass(frozen=True)
class Environment:
    """Inputs and services of the entry points.

    Attributes
    ----------
    photos : Path
        A directory of photos.
    tags : TagSet
        Tag rows of numbered images.
    service : RunningService
        The service with the built-in models.
    bundles : Path
        Acumos bundles of each kind.
    runners : dict of str to module
        The runner inside each bundle, imported from there.
    output : Path
        A directory for the files that commands write.
    """

    photos: Path
    tags: TagSet
    service: RunningService
    bundles: Path
    runners: dict[str, ModuleType]
    output: Path

    @property
    def contents(self) -> dict[str, bytes]:
        """The content of each photo by name."""
        return {path.name: path.read_bytes() for path in sorted(self.photos.iterdir())}

    def run(self, *arguments: object) -> str:
        """Run a command with this Python, and return its standard output."""
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.output, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def post(self, path: str, content: bytes, content_type: str, accept: str) -> bytes:
        """Send a request to the service, and return the content of the response."""
        headers = {"Content-Type": content_type, "Accept": accept}
        response = self.service.post(path, content=content, headers=headers)
        assert response.status_code == 200, response.text
        return response.content


EntryPoint = Callable[[Environment], Scores]


# Moods of pictures


def classify(environment: Environment) -> Scores:
    return {path.name: imagemood.classify(path).moods for path in environment.photos.iterdir()}


def cascade_classify_many(environment: Environment) -> Scores:
    results = imagemood.Cascade.load(n_workers=2).classify_many(environment.photos)
    return {Path(result.image).name: result.moods for result in results}


def cascade_classify_batch(environment: Environment) -> Scores:
    pictures = [Picture.from_bytes(content, name=name) for name, content in environment.contents.items()]
    return {result.image: result.moods for result in imagemood.Cascade.load().classify_batch(pictures)}


def classify_many(environment: Environment) -> Scores:
    results = imagemood.classify_many([io.BytesIO(content) for content in environment.contents.values()])
    return {name: result.moods for name, result in zip(environment.contents, results, strict=True)}


def data_frame(environment: Environment) -> Scores:
    paths = sorted(environment.photos.iterdir())
    table = imagemood.classify_many(pd.Series(paths)).to_dataframe(backend="pandas")
    moods = list(model_directory.load().labels)
    return {path.name: row[moods].to_dict() for path, (_, row) in zip(paths, table.iterrows(), strict=True)}


def unpickled_cascade(environment: Environment) -> Scores:
    cascade = pickle.loads(pickle.dumps(imagemood.Cascade.load(n_workers=2)))  # noqa: S301
    return {Path(result.image).name: result.moods for result in cascade.classify_many(environment.photos)}


def classify_command(environment: Environment) -> Scores:
    lines = environment.run("-m", "imagemood", "classify", environment.photos, "--format", "json").splitlines()
    return {Path(value["image"]).name: value["moods"] for value in map(json.loads, lines)}


def bulk_command(environment: Environment) -> Scores:
    environment.run("-m", "imagemood", "bulk", environment.photos, "-o", "dataset")
    rows = pq.read_table(environment.output / "dataset").to_pylist()
    moods = model_directory.load().labels
    return {Path(row["path"]).name: {mood: row[mood] for mood in moods} for row in rows}


def v1_form(environment: Environment) -> Scores:
    files = [("image", entry) for entry in environment.contents.items()]
    return _v1_scores(environment.service.post("/v1/moods", files=files).json())


def v1_json(environment: Environment) -> Scores:
    contents = environment.contents.items()
    images = [{"name": name, "base64": base64.b64encode(content).decode()} for name, content in contents]
    return _v1_scores(environment.service.post("/v1/moods", json={"images": images}).json())


def _v1_scores(response: dict) -> Scores:
    return {result["image"]: result["moods"] for result in response["results"]}


def acumos_moods_protobuf(environment: Environment) -> Scores:
    return _acumos_protobuf(environment, "mood")


def acumos_moods_json(environment: Environment) -> Scores:
    return _acumos_json(environment, "mood")


def open_inference_moods_json(environment: Environment) -> Scores:
    return _open_inference_json(environment, "mood", "probabilities")


def open_inference_moods_binary(environment: Environment) -> Scores:
    return _open_inference_binary(environment, "mood", "probabilities")


def bundle_moods(environment: Environment) -> Scores:
    return _bundle(environment, "cascade", "make_picture_classifier")


# Tags of pictures


def cascade_tag_many(environment: Environment) -> Scores:
    results = imagemood.Cascade.load(n_workers=2).tag_many(environment.photos)
    return {Path(result.image).name: result.tags for result in results}


def data_frame_tags(environment: Environment) -> Scores:
    results = imagemood.classify_many(environment.photos, ["tags"])
    table = imagemood.to_dataframe(results, tags=1000, backend="polars")
    columns = [(f"tag_{i}", f"score_{i}") for i in range(1, 1001)]
    return {Path(row["image"]).name: {row[tag]: row[score] for tag, score in columns} for row in table.to_dicts()}


def image_tagger(environment: Environment) -> Scores:
    paths = sorted(environment.photos.iterdir())
    table = imagemood.ImageTagger().set_output(transform="pandas").fit_transform(paths)
    return {path.name: row.to_dict() for path, (_, row) in zip(paths, table.iterrows(), strict=True)}


def tag_command(environment: Environment) -> Scores:
    environment.run("-m", "imagemood", "tag", environment.photos, "-o", "tags.csv")
    rows = tables.read(environment.output / "tags.csv").table.to_pylist()
    return _by_image((Path(row["image"]).name, row["tag"], row["score"]) for row in rows)


def acumos_tags_protobuf(environment: Environment) -> Scores:
    return _acumos_protobuf(environment, "tag")


def acumos_tags_json(environment: Environment) -> Scores:
    return _acumos_json(environment, "tag")


def open_inference_tags_json(environment: Environment) -> Scores:
    return _open_inference_json(environment, "tag", "scores")


def open_inference_tags_binary(environment: Environment) -> Scores:
    return _open_inference_binary(environment, "tag", "scores")


def bundle_tags(environment: Environment) -> Scores:
    return _bundle(environment, "tagger", "make_picture_tagger")


# Moods of tag rows


def predict_rows(environment: Environment) -> Scores:
    return _of_tag_set(model_directory.load("tags").predict_rows(environment.tags).rows)


def mood_command(environment: Environment) -> Scores:
    tables.write(environment.tags, environment.output / "rows.csv")
    environment.run("-m", "imagemood", "mood", "rows.csv", "-o", "moods.csv")
    return _of_csv(environment.output / "moods.csv")


def classify_image_command(environment: Environment) -> Scores:
    """Predict with the bundle of the built-in model, as with a model that the 2018 program dumped."""
    tables.write(environment.tags, environment.output / "rows.csv")
    model = environment.bundles / "moods"
    environment.run(ROOT / "classify_image.py", "-i", "rows.csv", "-d", model, "-p", "2018.csv")
    return _of_csv(environment.output / "2018.csv")


def acumos_rows_protobuf(environment: Environment) -> Scores:
    body = tables.encode(environment.tags.table, "protobuf")
    return _of_message(environment.post("/model/methods/classify", body, PROTOBUF, PROTOBUF))


def acumos_rows_json(environment: Environment) -> Scores:
    body = json.dumps({"ImageTags": environment.tags.table.to_pylist()}).encode()
    response = json.loads(environment.post("/model/methods/classify", body, JSON, JSON))
    return _by_image((int(row["image"]), row["tag"], row["score"]) for row in response["ImageTags"])


def open_inference_rows(environment: Environment) -> Scores:
    matrix = environment.tags.to_matrix(model_directory.load("tags").vocabulary)
    tensor = triton.InferInput("scores", list(matrix.values.shape), "FP32")
    tensor.set_data_from_numpy(matrix.values)
    return _infer(environment, "classify", tensor, "probabilities", list(matrix.images))


def bundle_rows(environment: Environment) -> Scores:
    runner = environment.runners["moods"]
    request = runner.ImageTagSet([runner.ImageTag(**row) for row in environment.tags.table.to_pylist()])
    rows = runner.make_row_classifier()(request).ImageTags
    return _by_image((row.image, row.tag, row.score) for row in rows)


# Shared by several entry points


def _acumos_protobuf(environment: Environment, method: str) -> Scores:
    scores: Scores = {}
    for name, content in environment.contents.items():
        body = Image(mime_type="image/jpeg", image_binary=content).SerializeToString()
        response = environment.post(f"/model/methods/{method}", body, PROTOBUF, PROTOBUF)
        scores[name] = _of_message(response)[0]
    return scores


def _acumos_json(environment: Environment, method: str) -> Scores:
    scores: Scores = {}
    for name, content in environment.contents.items():
        message = {"mime_type": "image/jpeg", "image_binary": base64.b64encode(content).decode()}
        response = environment.post(f"/model/methods/{method}", json.dumps(message).encode(), JSON, JSON)
        scores[name] = {row["tag"]: row["score"] for row in json.loads(response)["ImageTags"]}
    return scores


def _open_inference_json(environment: Environment, model: str, output: str) -> Scores:
    data = [base64.b64encode(content).decode() for content in environment.contents.values()]
    tensor = {"name": "image", "shape": [len(data)], "datatype": "BYTES", "data": data}
    response = environment.service.post(f"/v2/models/{model}/infer", json={"inputs": [tensor]})
    assert response.status_code == 200, response.text
    outputs = {entry["name"]: entry["data"] for entry in response.json()["outputs"]}
    values = np.reshape(outputs[output], (len(data), -1)).tolist()
    rows = [dict(zip(outputs["labels"], row, strict=True)) for row in values]
    return dict(zip(environment.contents, rows, strict=True))


def _open_inference_binary(environment: Environment, model: str, output: str) -> Scores:
    contents = list(environment.contents.values())
    tensor = triton.InferInput("image", [len(contents)], "BYTES")
    tensor.set_data_from_numpy(np.array(contents, dtype=object))
    return _infer(environment, model, tensor, output, list(environment.contents))


def _infer(
    environment: Environment, model: str, tensor: triton.InferInput, output: str, images: list[str] | list[int]
) -> Scores:
    with triton.InferenceServerClient(environment.service.address.removeprefix("http://")) as client:
        response = client.infer(model, [tensor])
    labels = [label.decode() for label in response.as_numpy("labels")]
    rows = [dict(zip(labels, row, strict=True)) for row in response.as_numpy(output).tolist()]
    return dict(zip(images, rows, strict=True))


def _bundle(environment: Environment, kind: str, factory: str) -> Scores:
    runner = environment.runners[kind]
    method = getattr(runner, factory)()
    responses = {
        name: method(runner.Image("image/jpeg", content)) for name, content in environment.contents.items()
    }
    return {name: {row.tag: row.score for row in response.ImageTags} for name, response in responses.items()}


def _of_message(content: bytes) -> Scores:
    return _by_image((row.image, row.tag, row.score) for row in ImageTagSet.FromString(content).ImageTags)


def _of_tag_set(tags: TagSet) -> Scores:
    return _by_image((row["image"], row["tag"], row["score"]) for row in tags.table.to_pylist())


def _of_csv(path: Path) -> Scores:
    """Read with the standard library, as other programs do."""
    with path.open(newline="") as file:
        return _by_image((int(row["image"]), row["tag"], float(row["score"])) for row in csv.DictReader(file))


def _by_image(rows) -> Scores:
    scores: Scores = {}
    for image, label, score in rows:
        assert label not in scores.setdefault(image, {}), "an entry point must return each label once"
        scores[image][label] = score
    return scores
