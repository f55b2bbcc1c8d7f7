"""Predictions for the photos of each fold by a network that was not trained on them; finished ones are stored."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from build_mood_classifiers import calibrated, mood_head
from numpy.typing import NDArray
from split import FOLDS, twentieth

from imagemood.models import model_directory
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.pictures.pixels.decoding import decode
from imagemood.prediction import heatmap
from imagemood.prediction.cascade import Cascade

N_COMPOSITES = 200
"""Number of composites for each fold."""
SIZE_PX = 224

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Fold:
    """The photos of a fold, the network that was not trained on them, and the folder for its predictions."""

    paths: list[Path]
    tagger: Tagger
    classifier: MoodClassifier
    store: Path

    @classmethod
    def load(cls, paths: list[Path], network: Path, work: Path) -> Fold:
        """Load the network in a folder, with the calibration of the built-in model.

        The folder for the predictions belongs to this network, this calibration and these photos, so that those of
        others are never used.
        """
        default = model_directory.load("default").metadata
        factor = default.parameters["factor_of_logits"]
        tagger = Tagger.load(network / "network.onnx")
        head = calibrated(mood_head(network / "network.onnx"), factor)
        classifier = MoodClassifier(Network(head, name=str(network)), default)
        names = [f"{path.parent.name}/{path.name}" for path in paths]
        key = json.dumps([hashlib.sha256((network / "network.onnx").read_bytes()).hexdigest(), factor, names])
        return cls(paths, tagger, classifier, work / hashlib.sha256(key.encode()).hexdigest()[:16])

    @property
    def moods(self) -> NDArray[np.str_]:
        """The labels of the photos."""
        return np.array([path.parent.name for path in self.paths])

    def pixels(self) -> Iterator[Pixels]:
        """Decode the photos, one after the other."""
        for path in self.paths:
            yield decode(path.read_bytes(), name=str(path), size_px=SIZE_PX)

    def probabilities(self, *, n_views: int = 1, size_px: int = SIZE_PX) -> NDArray[np.float64]:
        """Return the predictions for the photos at a resolution, as `imagemood classify` computes them."""

        def predict() -> NDArray[np.float64]:
            cascade = Cascade(self.tagger, self.classifier, n_views=n_views)
            pixels = self.pixels() if size_px == SIZE_PX else reduced(self.pixels(), size_px)
            rows = [result.probabilities for result in cascade.classify_many(pixels, ())]
            return np.stack([row for row in rows if row is not None])

        return self._stored(f"views{n_views}_{size_px}px", predict)

    def composite_hits(self) -> NDArray[np.float64]:
        """Join halves of photos of two moods, and return whether each heat map highlights the right half.

        The columns are the maps of the log-odds, which users see, and of the logits.
        """
        return self._stored("composites", lambda: composite_hits(self.tagger, self.paths, self.moods))

    def _stored(self, name: str, compute: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return a stored result, or compute and store it."""
        file = self.store / f"{name}.npy"
        if not file.is_file():
            start = time.monotonic()
            result = compute()
            self.store.mkdir(parents=True, exist_ok=True)
            with file.with_suffix(".part").open("wb") as stream:
                np.save(stream, result)
            file.with_suffix(".part").replace(file)
            print(f"{file}: {time.monotonic() - start:.0f} s", file=sys.stderr)
        stored: NDArray[np.float64] = np.load(file)
        return stored


def split_photos(folder: Path, n_photos: int | None = None) -> list[list[Path]]:
    """Return the photos of each fold, or about `n_photos` of each, spread over all moods."""
    folds: list[list[Path]] = [[] for _ in FOLDS]
    for path in sorted(folder.glob("*/*")):
        folds[next(i for i, numbers in enumerate(FOLDS) if twentieth(path) in numbers)].append(path)
    return [paths[:: max(1, len(paths) // (n_photos or len(paths) or 1))] for paths in folds]


def reduced(pixels: Iterator[Pixels], size_px: int) -> Iterator[Pixels]:
    """Yield photos at a lower resolution; the cascade enlarges them again."""
    for photo in pixels:
        yield np.asarray(PIL.Image.fromarray(photo).resize((size_px, size_px), PIL.Image.Resampling.LANCZOS))


def composite_hits(tagger: Tagger, paths: list[Path], moods: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return for two maps of each composite of two photos whether they highlight the right half."""
    rng = np.random.default_rng(0)
    labels = list(tagger.card.mood_labels)
    half = SIZE_PX // 2
    hits = []
    for _ in range(N_COMPOSITES):
        pair = rng.choice(labels, 2, replace=False)
        photos = [paths[rng.choice(np.flatnonzero(moods == mood))] for mood in pair]
        left, right = (decode(path.read_bytes(), name=str(path), size_px=SIZE_PX) for path in photos)
        composite = np.concatenate([left[:, :half], right[:, half:]], axis=1)
        maps = tagger.predict(composite[np.newaxis], ("mood_maps",)).mood_maps
        assert maps is not None
        for mood, own, other in ((pair[0], slice(0, 3), slice(4, 7)), (pair[1], slice(4, 7), slice(0, 3))):
            index = labels.index(mood)
            regions = (heatmap.log_odds(maps[0], index), maps[0][index])
            hits.append([region[:, own].mean() > region[:, other].mean() for region in regions])
    return np.array(hits, dtype=np.float64)
