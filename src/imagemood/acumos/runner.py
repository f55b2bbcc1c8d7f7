"""What travels inside an Acumos bundle and predicts there.

It imports nothing of imagemood, since the runner's environment has only numpy, ONNX Runtime and, for pictures,
Pillow; and it keeps to Python 3.6. Beside it lie the files that `imagemood acumos dump` puts there.
"""

import collections
import io
import json
import math
import os
import typing

import numpy as np
import onnxruntime as ort

_HERE = os.path.dirname(os.path.abspath(__file__))
_MAX_SCORE = 1 + 1e-6
_MIN_SIDE_PX, _MAX_ASPECT_RATIO, _MAX_PIXELS = 8, 50, 178956970

Image = typing.NamedTuple("Image", [("mime_type", str), ("image_binary", bytes)])
ImageTag = typing.NamedTuple("ImageTag", [("image", int), ("tag", str), ("score", float)])
ImageTagSet = typing.NamedTuple("ImageTagSet", [("ImageTags", typing.List[ImageTag])])


class Tagger:
    """A picture to the scores of its tags and the embedding behind them."""

    def __init__(self, folder):
        card = _read_json(folder, "network.json")
        self.card = card
        self.labels = card["labels"]
        self.session = _session(folder, "network.onnx")
        self.input = self.session.get_inputs()[0]
        self.outputs = [output.name for output in self.session.get_outputs()]

    def __call__(self, image_binary):
        """Score one picture: (1, n_tags) and (1, n_embedding), or None where there is no embedding."""
        pixels = self._normalised(decode(image_binary, self.card["size_px"])[np.newaxis])
        answers = dict(zip(self.outputs, self.session.run(None, {self.input.name: pixels})))
        scores = answers[self.card.get("scores") or self.outputs[0]].reshape(1, -1)
        if self.card.get("logits", True):
            scores = np.exp(scores - scores.max())
            scores /= scores.sum()
        embedding = self.card.get("embedding")
        return scores, None if embedding is None else answers[embedding].reshape(1, -1)

    def _normalised(self, pixels):
        if self.input.type == "tensor(float)":
            mean = np.asarray(self.card["mean"], dtype=np.float32)
            std = np.asarray(self.card["std"], dtype=np.float32)
            factor = np.float32(1) / (np.float32(self.card.get("scale", 1.0)) * std)
            pixels = (pixels * factor - mean / std).astype(np.float32)
        if self.input.shape[1] == 3:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        return pixels


class Moods:
    """Scores of tags, and the embedding where the model needs it, to the probabilities of the moods."""

    def __init__(self, folder):
        metadata = _read_json(folder, "metadata.json")
        self.labels = metadata["labels"]
        self.inputs = metadata["inputs"]
        self.columns = {tag: column for column, tag in enumerate(metadata["vocabulary"])}
        self.prior = np.array([metadata["prior"][label] for label in self.labels], dtype=np.float64)
        self.session = _session(folder, "model.onnx")

    def __call__(self, tags, embedding):
        """Tell the moods of (n_images, n_tags): (n_images, n_moods), rows summing to 1."""
        given = {"tags": tags, "embedding": embedding}
        feeds = {name: given[name] for name in self.inputs}
        answers = self.session.run(["probabilities"], feeds)[0].astype(np.float64)
        answers = np.clip(answers, 0, None)
        answers /= answers.sum(axis=1, keepdims=True)
        if self.inputs == ["tags"]:
            answers[~tags.any(axis=1)] = self.prior / self.prior.sum()
        return answers

    def matrix(self, rows):
        """Spread tag rows into a matrix: its images in order of first appearance, and (n_images, n_tags)."""
        places = collections.OrderedDict()  # type: typing.Dict[int, int]
        where, columns, scores = [], [], []
        for number, row in enumerate(rows, start=1):
            if not (math.isfinite(row.score) and 0 <= row.score <= _MAX_SCORE):
                raise ValueError("row {}: score is {}, not a number from 0 to 1".format(number, row.score))
            place = places.setdefault(row.image, len(places))
            column = self.columns.get(row.tag)
            if column is not None:
                where.append(place)
                columns.append(column)
                scores.append(row.score)
        values = np.zeros((len(places), len(self.columns)), dtype=np.float32)
        np.add.at(values, (where, columns), np.array(scores, dtype=np.float32))
        return list(places), values


def decode(data, size_px):
    """Decode a picture file, upright, to (size_px, size_px, 3) uint8, as imagemood does."""
    import PIL.Image  # a bundle of tag rows alone needs no Pillow
    import PIL.ImageOps

    with PIL.Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        if min(width, height) < _MIN_SIDE_PX or max(width, height) > _MAX_ASPECT_RATIO * min(width, height):
            raise ValueError("the picture has {} x {} pixels".format(width, height))
        if width * height > _MAX_PIXELS:
            raise ValueError("the picture has more than {} pixels".format(_MAX_PIXELS))
        picture.draft("RGB", (2 * size_px, 2 * size_px))
        upright = _rgb(PIL.Image, PIL.ImageOps.exif_transpose(picture))
    if upright.size != (size_px, size_px):
        upright = upright.resize((size_px, size_px), PIL.Image.Resampling.BICUBIC)
    return np.asarray(upright)


def _rgb(pillow, image):
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=0.0, neginf=0.0)
        highest = values.max()
        if image.mode == "F":
            full = 1 if highest <= 1 else max(255, highest)
        else:
            full = 2**16 - 1 if highest < 2**16 else 2**31 - 1
        image = pillow.fromarray(np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        return pillow.alpha_composite(pillow.new("RGBA", image.size, "white"), layered).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _rows(image, labels, scores):
    order = np.argsort(-scores, kind="stable")
    return [ImageTag(image, labels[i], float(scores[i])) for i in order]


def mood_rows(folder=_HERE):
    """Make the function of stage two: rows of tags to rows of moods."""
    moods = Moods(folder)

    def classify(tags: ImageTagSet) -> ImageTagSet:
        """Tell the moods of images from rows of their tags."""
        images, values = moods.matrix(tags.ImageTags)
        if not images:
            return ImageTagSet([])
        answers = moods(values, None)
        return ImageTagSet(
            [row for image, answer in zip(images, answers) for row in _rows(image, moods.labels, answer)]
        )

    return classify


def mood_pictures(folder=_HERE):
    """Make the function of the whole cascade: a picture to rows of moods."""
    tagger, moods = Tagger(folder), Moods(folder)
    places = {label: i for i, label in enumerate(tagger.labels)}
    columns = np.array([places.get(tag, -1) for tag in moods.columns])

    def classify(image: Image) -> ImageTagSet:
        """Tell the moods of a picture."""
        scores, embedding = tagger(image.image_binary)
        tags = np.where(columns >= 0, scores[:, columns], np.float32(0))
        return ImageTagSet(_rows(0, moods.labels, moods(tags, embedding)[0]))

    return classify


def tag_pictures(folder=_HERE):
    """Make the function of stage one: a picture to rows of tags."""
    tagger = Tagger(folder)

    def classify(image: Image) -> ImageTagSet:
        """Score the tags of a picture."""
        scores, _ = tagger(image.image_binary)
        return ImageTagSet(_rows(0, tagger.labels, scores[0]))

    return classify


_KINDS = {"moods": mood_rows, "cascade": mood_pictures, "tagger": tag_pictures}


def load_model():
    """Make the model that the official runner serves; `model.pkl` in the bundle calls this and nothing else."""
    from acumos.modeling import Model  # only the runner's environment has it

    return Model(classify=_KINDS[_read_json(_HERE, "kind.json")["kind"]](_HERE))


def _read_json(folder, name):
    with io.open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def _session(folder, name):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # one request at a time needs no more, and workers do not fight for cores
    path = os.path.join(folder, name)
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
