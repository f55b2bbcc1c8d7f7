"""Stage two from tag rows, next to the way of 2018 and to scikit-learn's forest; and the time of training.

    python benchmarks/rows.py

Needs what `benchmarks/requirements.txt` names. 806 images of 1000 tags, as in 2018. Figures go to
`benchmarks/results/rows.json`.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import contest
import numpy as np
import way_of_2018
from classic import complete
from sklearn.ensemble import RandomForestClassifier

from imagemood.evaluation.evaluate import hold_out
from imagemood.evaluation.grid_search import search
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.tables.tag_set import TagSet

N_CALLS = {1: 30, 1000: 1}
Figures = dict[str, contest.Spread]


def answering(training_set: TrainingSet) -> dict[str, Figures]:
    """Milliseconds from the tag rows of 1 and of 1000 images to their moods."""
    vocabulary = training_set.vocabulary
    trained = train(training_set, "rf")
    classifiers = {1: trained.classifier().with_threads(1), 1000: trained.classifier()}  # as the service has them
    forest: RandomForestClassifier = trained.estimator.set_params(n_jobs=1)
    on_all_cores = copy.copy(forest).set_params(n_jobs=-1)
    found = {}
    for n_images, n_calls in N_CALLS.items():
        scores = np.resize(training_set.tags, (n_images, len(vocabulary)))
        tags = TagSet.from_matrix(scores, range(n_images), vocabulary)
        rows = tags.table.to_pandas()
        ways: dict[str, Any] = {
            "imagemood, from rows": partial(classifiers[n_images].predict_rows, tags),
            "way of 2018, from rows": lambda rows=rows: way_of_2018.predict(rows, vocabulary, forest),
            "scikit-learn's forest, from a ready matrix": lambda scores=scores: forest.predict_proba(scores),
            "the same on all cores": lambda scores=scores: on_all_cores.predict_proba(scores),
        }
        seconds = contest.in_turns(ways, n_calls=n_calls)
        found[str(n_images)] = {name: spread.times(1000) for name, spread in seconds.items()}
        contest.show(f"Stage two, {len(tags):,} tag rows of {n_images:,} images", "ms", found[str(n_images)])
    return found


def matrices(training_set: TrainingSet) -> Figures:
    """Seconds from all the tag rows to a matrix."""
    tags = TagSet.from_matrix(training_set.tags, range(len(training_set.moods)), training_set.vocabulary)
    rows = tags.table.to_pandas()
    found = contest.in_turns(
        {
            "imagemood": lambda: tags.to_matrix(training_set.vocabulary),
            "way of 2018": lambda: way_of_2018.to_matrix(rows, training_set.vocabulary),
            "pandas, pivot": lambda: rows.pivot_table(index="image", columns="tag", values="score", observed=True),
        }
    )
    contest.show(f"{len(tags):,} tag rows to a matrix", "s", found)
    return found


def training(training_set: TrainingSet) -> Figures:
    """Seconds of the training job: learning, and the report."""
    tags = TagSet.from_matrix(training_set.tags, range(len(training_set.moods)), training_set.vocabulary)
    rows = tags.table.to_pandas()
    moods = np.asarray(training_set.moods)

    def ours() -> None:
        hold_out(training_set, "rf")
        train(training_set, "rf")

    def with_grid() -> None:
        best = search(training_set, Recipe("rf"))[0].recipe
        hold_out(training_set, best)
        train(training_set, best)

    found = contest.in_turns(
        {
            "imagemood, 300 trees": ours,
            "imagemood, the grid of 2018": with_grid,
            "way of 2018, its grid": lambda: way_of_2018.learn(rows, training_set.vocabulary, moods),
        },
        n_rounds=2,  # a minute each
        warm_up=False,
    )
    contest.show("Training on 806 images of 1000 tags", "s", found)
    return found


def main() -> None:
    training_set = complete(TrainingSet.example())
    contest.keep(
        "rows",
        {
            "answering_ms": {n_images: contest.named(row) for n_images, row in answering(training_set).items()},
            "matrix_s": contest.named(matrices(training_set)),
            "training_s": contest.named(training(training_set)),
        },
    )


if __name__ == "__main__":
    main()
