"""Learn the built-in mood classifiers and cut the example training set, from labelled photos.

    python training/build_moods.py PHOTOS -o src/imagemood/builtin

PHOTOS has a folder of photos for each mood. Run `benchmarks/accuracy.py PHOTOS` first: its cross-validated figures
go into the classifiers' metadata and cards.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from imagemood import formats
from imagemood.cascade import Cascade
from imagemood.labelled_photos import read_photos
from imagemood.learn import TrainingSet, train
from imagemood.tagger import Tagger
from imagemood.tags import TagSet

ACCURACY = Path(__file__).parent.parent / "benchmarks" / "results" / "accuracy.json"
N_PER_MOOD, N_TAGS = 200, 100


def write_example(everything: TrainingSet, folder: Path) -> None:
    """Write tag rows and labels of 200 photos for each mood, the 100 strongest tags each."""
    dice = np.random.default_rng(0)
    moods = np.array(everything.moods)
    chosen = np.concatenate(
        [dice.choice(np.flatnonzero(moods == mood), N_PER_MOOD, replace=False) for mood in np.unique(moods)]
    )
    dice.shuffle(chosen)  # so that no part of the file holds one mood alone
    rows = TagSet.from_matrix(everything.tags[chosen], range(len(chosen)), everything.vocabulary, n_top=N_TAGS)
    table = rows.table.set_column(2, "score", rows.table["score"].cast(pa.float32()))
    pq.write_table(table, folder / "example.parquet", compression="zstd")
    labels = pa.table({"image": pa.array(range(len(chosen))), "mood": moods[chosen].tolist()})
    formats.write_table(labels, folder / "example_labels.csv")


def main(photos: Path, folder: Path) -> None:
    everything = read_photos(photos, Cascade(Tagger.load())).training_set
    write_example(everything, folder)
    figures = json.loads(ACCURACY.read_text())["classifiers"]
    for training_set, contestant, name in (
        (everything, "Logistic regression on embedding + tags (built in, the default)", "moods"),
        (everything.select(["tags"]), "Logistic regression on tags (built in, for tag rows)", "tags_moods"),
    ):
        trained = train(training_set, "logistic")
        replace(trained, metrics=figures[contestant]).write(folder / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    main(options.photos, options.output)
