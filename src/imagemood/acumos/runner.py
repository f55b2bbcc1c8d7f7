"""The module that is copied into an Acumos bundle and makes its predictions.

The official runner's environment contains NumPy, ONNX Runtime and, for pictures, Pillow. So this module does not
import imagemood, and it is written for Python 3.6. `imagemood acumos dump` writes the files that it reads next
to it, and `runner_pictures`.
"""

import collections
import importlib.util
import io
import json
import math
import os
import typing

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # ONNX Runtime reads it when it is loaded, and reports its use otherwise
import onnxruntime as ort

ort.disable_telemetry_events()  # for builds for Windows that ignore the variable

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_MAX_SCORE = 1 + 1e-6
_TOLERANCE = 1e-3  # of probabilities that should not be negative

Image = typing.NamedTuple("Image", [("mime_type", str), ("image_binary", bytes)])
ImageTag = typing.NamedTuple("ImageTag", [("image", int), ("tag", str), ("score", float)])
ImageTagSet = typing.NamedTuple("ImageTagSet", [("ImageTags", typing.List[ImageTag])])


class Tagger:
    """Scores the tags of a picture and computes its embedding."""

    def __init__(self, folder):
        card = _read_json(folder, "network.json")
        self.card = card
        self.labels = card.get("labels", [])
        self.session = _session(folder, "network.onnx")
        self.input = self.session.get_inputs()[0]
        self.outputs = [output.name for output in self.session.get_outputs()]

    def predict(self, image_binary, inputs=("tags", "embedding")):
        """Return inputs of a mood classifier by name: tags (1, n_tags) and embedding (1, n_embedding)."""
        scores = (self.card.get("scores") or self.outputs[0]) if self.labels else None
        names = {"tags": scores, "embedding": self.card.get("embedding")}
        names = {name: names[name] for name in inputs if names.get(name)}
        wanted, switches = set(names.values()), self.card.get("switches", {})
        feeds = {name: np.array(not wanted.isdisjoint(switches[name])) for name in switches}
        feeds[self.input.name] = self._normalise(decode_for(self.card, image_binary)[np.newaxis])
        outputs = dict(zip(self.outputs, self.session.run(None, feeds)))
        found = {name: outputs[output].reshape(1, -1).astype(np.float64) for name, output in names.items()}
        if "tags" in found and self.card.get("logits", True) and np.isfinite(found["tags"].max()):
            scores = np.exp(found["tags"] - found["tags"].max())
            found["tags"] = scores / scores.sum()
        for name, values in found.items():
            _check(values, len(self.labels) if name == "tags" else values.size, "network.onnx")
        return {name: values.astype(np.float32) for name, values in found.items()}

    def _normalise(self, pixels):
        if self.input.type == "tensor(float)":
            mean = np.asarray(self.card["mean"], dtype=np.float32)
            std = np.asarray(self.card["std"], dtype=np.float32)
            factor = np.float32(1) / (np.float32(self.card.get("scale", 1.0)) * std)
            pixels = (pixels * factor - mean / std).astype(np.float32)
        if self.input.shape[1] == 3:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        return pixels


class MoodClassifier:
    """Predicts moods from tag scores and, if the model needs it, the embedding."""

    def __init__(self, folder):
        metadata = _read_json(folder, "metadata.json")
        self.labels = metadata["labels"]
        self.inputs = metadata["inputs"]
        self.columns = {tag: column for column, tag in enumerate(metadata["vocabulary"])}
        self.prior = np.array([metadata["prior"][label] for label in self.labels], dtype=np.float64)
        self.session = _session(folder, "model.onnx")

    def predict(self, tags=None, embedding=None):
        """Return the probabilities (n_images, n_moods) for tag scores (n_images, n_tags); each row sums to 1."""
        feeds = {name: {"tags": tags, "embedding": embedding}[name] for name in self.inputs}
        probabilities = self.session.run(["probabilities"], feeds)[0].astype(np.float64)
        if self.inputs == ["tags"] and probabilities.shape == (len(tags), len(self.labels)):
            probabilities[~tags.any(axis=1)] = self.prior / self.prior.sum()
        _check(probabilities, len(self.labels), "model.onnx")
        lowest, probabilities = probabilities.min(axis=1, keepdims=True), np.clip(probabilities, 0, None)
        sums = probabilities.sum(axis=1, keepdims=True)
        if not (sums > 0).all() or (lowest < -_TOLERANCE * sums).any():
            raise ValueError("model.onnx: the output is not one probability for each mood")
        return probabilities / sums

    def to_matrix(self, rows):
        """Return the images of tag rows, in order of first appearance, and their scores (n_images, n_tags)."""
        indices = collections.OrderedDict()  # type: typing.Dict[int, int]
        matrix_rows, columns, scores = [], [], []
        for number, row in enumerate(rows, start=1):
            if not (math.isfinite(row.score) and 0 <= row.score <= _MAX_SCORE):
                raise ValueError("row {}: score {} is not a number from 0 to 1".format(number, row.score))
            index = indices.setdefault(row.image, len(indices))
            column = self.columns.get(row.tag)
            if column is not None:
                matrix_rows.append(index)
                columns.append(column)
                scores.append(row.score)
        values = np.zeros((len(indices), len(self.columns)), dtype=np.float32)
        np.add.at(values, (matrix_rows, columns), np.array(scores, dtype=np.float32))
        return list(indices), values


def _check(values, n_columns, name):
    """Raise `ValueError` unless the output of a network is finite and as wide as expected."""
    if values.ndim != 2 or values.shape[1] != n_columns:
        raise ValueError("{}: the output has the shape {}, not {} columns".format(name, values.shape, n_columns))
    if not np.isfinite(values).all():
        raise ValueError("{}: the output contains NaN or infinity".format(name))


def _load_decode():
    """Return the functions that decode pictures, from the module next to this one."""
    path = os.path.join(_FOLDER, "runner_pictures.py")
    spec = importlib.util.spec_from_file_location("imagemood_runner_pictures", path)  # type: typing.Any
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.decode, module.decode_for


decode, decode_for = _load_decode()


def _to_rows(image, labels, scores):
    order = np.argsort(-scores, kind="stable")
    return [ImageTag(image, labels[i], float(scores[i])) for i in order]


def make_row_classifier(folder=_FOLDER):
    """Return the method of a bundle of kind "moods": tag rows to mood rows."""
    classifier = MoodClassifier(folder)

    def classify(tags: ImageTagSet) -> ImageTagSet:
        """Classify images by mood from their tag rows."""
        images, values = classifier.to_matrix(tags.ImageTags)
        if not images:
            return ImageTagSet([])
        probabilities = classifier.predict(values)
        return ImageTagSet(
            [row for image, p in zip(images, probabilities) for row in _to_rows(image, classifier.labels, p)]
        )

    return classify


def make_picture_classifier(folder=_FOLDER):
    """Return the method of a bundle of kind "cascade": a picture to mood rows."""
    tagger, classifier = Tagger(folder), MoodClassifier(folder)
    tagger_columns = {label: i for i, label in enumerate(tagger.labels)}
    columns = np.array([tagger_columns.get(tag, -1) for tag in classifier.columns], dtype=np.intp)

    def classify(image: Image) -> ImageTagSet:
        """Classify a picture by mood."""
        found = tagger.predict(image.image_binary, classifier.inputs)
        if "tags" in found:
            found["tags"] = np.where(columns >= 0, found["tags"][:, columns], np.float32(0))
        return ImageTagSet(_to_rows(0, classifier.labels, classifier.predict(**found)[0]))

    return classify


def make_picture_tagger(folder=_FOLDER):
    """Return the method of a bundle of kind "tagger": a picture to tag rows."""
    tagger = Tagger(folder)

    def classify(image: Image) -> ImageTagSet:
        """Score the tags of a picture."""
        return ImageTagSet(_to_rows(0, tagger.labels, tagger.predict(image.image_binary, ["tags"])["tags"][0]))

    return classify


_FACTORIES = {"moods": make_row_classifier, "cascade": make_picture_classifier, "tagger": make_picture_tagger}


def load_model():
    """Return the model for the official runner; the bundle's model.pkl calls only this function."""
    from acumos.modeling import Model  # installed in the runner's environment only

    return Model(classify=_FACTORIES[_read_json(_FOLDER, "kind.json")["kind"]](_FOLDER))


def _read_json(folder, name):
    with io.open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def _session(folder, name):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # one request at a time; several workers may share the cores
    options.log_severity_level = 3  # errors; a network with optional inputs would cause a warning
    return ort.InferenceSession(os.path.join(folder, name), options, providers=["CPUExecutionProvider"])
