"""Compare prediction from tag rows, and training, with the 2018 program and with scikit-learn alone.

    python benchmarks/tag_rows.py

Requires the packages of `benchmarks/requirements.txt`. Uses 806 images of 1000 tags, as in 2018. The results go to
`benchmarks/results/tag_rows.json`.
"""

from __future__ import annotations

import argparse
import copy
from functools import partial
from typing import Any

import numpy as np
import program_of_2018
import timing
from acumos_runner import complete_tags
from sklearn.ensemble import RandomForestClassifier

from imagemood.evaluation.grid_search import grid_search
from imagemood.evaluation.hold_out import hold_out
from imagemood.learning import Recipe, TrainingSet, train
from imagemood.tables.tag_set import TagSet

N_CALLS = {1: 30, 1000: 1}
Spreads = dict[str, timing.Spread]


def prediction(training_set: TrainingSet) -> dict[str, Spreads]:
    """Return the milliseconds from the tag rows of 1 and of 1000 images to their moods."""
    vocabulary = training_set.vocabulary
    trained = train(training_set, "rf")
    classifiers = {1: trained.classifier().with_threads(1), 1000: trained.classifier()}  # as in the service
    forest: RandomForestClassifier = trained.estimator.set_params(n_jobs=1)
    on_all_cores = copy.copy(forest).set_params(n_jobs=-1)
    results = {}
    for n_images, n_calls in N_CALLS.items():
        scores = np.resize(training_set.tags, (n_images, len(vocabulary)))
        tags = TagSet.from_matrix(scores, range(n_images), vocabulary)
        rows = tags.table.to_pandas()
        candidates: dict[str, Any] = {
            "imagemood, from rows": partial(classifiers[n_images].predict_rows, tags),
            "2018 program, from rows": lambda rows=rows: program_of_2018.predict(rows, vocabulary, forest),
            "scikit-learn forest, from a matrix": lambda scores=scores: forest.predict_proba(scores),
            "scikit-learn forest, from a matrix, all cores": lambda scores=scores: on_all_cores.predict_proba(
                scores
            ),
        }
        seconds = timing.time_alternately(candidates, n_calls=n_calls)
        results[str(n_images)] = {name: spread.times(1000) for name, spread in seconds.items()}
        timing.print_table(
            f"Mood classifier, {len(tags):,} tag rows of {n_images:,} images", "ms", results[str(n_images)]
        )
    return results


def matrices(training_set: TrainingSet) -> Spreads:
    """Return the seconds to convert all tag rows to a matrix."""
    tags = TagSet.from_matrix(training_set.tags, range(len(training_set.moods)), training_set.vocabulary)
    rows = tags.table.to_pandas()
    results = timing.time_alternately(
        {
            "imagemood": lambda: tags.to_matrix(training_set.vocabulary),
            "2018 program": lambda: program_of_2018.to_matrix(rows, training_set.vocabulary),
            "pandas pivot table": lambda: rows.pivot_table(
                index="image", columns="tag", values="score", observed=True
            ),
        }
    )
    timing.print_table(f"{len(tags):,} tag rows to a matrix", "s", results)
    return results


def training(training_set: TrainingSet) -> Spreads:
    """Return the seconds for training and for the evaluation on held-out images."""
    tags = TagSet.from_matrix(training_set.tags, range(len(training_set.moods)), training_set.vocabulary)
    rows = tags.table.to_pandas()
    moods = np.asarray(training_set.moods)

    def default_settings() -> None:
        hold_out(training_set, "rf")
        train(training_set, "rf")

    def best_of_grid() -> None:
        best = grid_search(training_set, Recipe("rf"))[0].candidate.recipe
        hold_out(training_set, best)
        train(training_set, best)

    results = timing.time_alternately(
        {
            "imagemood, 300 trees": default_settings,
            "imagemood, 2018 grid search": best_of_grid,
            "2018 program, its grid search": lambda: program_of_2018.train(rows, training_set.vocabulary, moods),
        },
        n_rounds=2,  # each takes a minute
        warm_up=False,
    )
    timing.print_table("Training on 806 images of 1000 tags", "s", results)
    return results


def main() -> None:
    training_set = complete_tags(TrainingSet.example())
    timing.save_results(
        "tag_rows",
        {
            "answering_ms": {n_images: timing.as_dicts(row) for n_images, row in prediction(training_set).items()},
            "matrix_s": timing.as_dicts(matrices(training_set)),
            "training_s": timing.as_dicts(training(training_set)),
        },
    )


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
