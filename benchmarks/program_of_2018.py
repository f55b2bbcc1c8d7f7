"""The algorithm of the 2018 program on tables of tag rows, step by step, with its bugs fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import GridSearchCV, train_test_split

GRID = {"n_estimators": [10, 100, 300, 500], "min_samples_split": [2, 10]}


def to_matrix(rows: pd.DataFrame, vocabulary: tuple[str, ...]) -> NDArray[np.float64]:
    """Sort the rows by score, group them by image and write them one by one over weak noise."""
    columns = {tag: column for column, tag in enumerate(vocabulary)}
    images = rows.sort_values("score", ascending=False).groupby("image")
    noise = 0.1 * rows["score"].mean()
    matrix = np.random.default_rng(0).random((len(images), len(vocabulary))) * noise
    for row, (_, tags) in enumerate(images):
        for tag, score in zip(tags["tag"], tags["score"], strict=True):
            matrix[row][columns[tag]] = score
    return matrix


def predict(rows: pd.DataFrame, vocabulary: tuple[str, ...], forest: RandomForestClassifier) -> pd.DataFrame:
    """Build a table per image, most probable mood first, and append it to the tables of the images before."""
    result = None
    for image, probabilities in enumerate(forest.predict_proba(to_matrix(rows, vocabulary))):
        table = pd.DataFrame({"image": image, "mood": forest.classes_, "probability": probabilities})
        table = table.sort_values("probability", ascending=False)
        result = table if result is None else pd.concat([result, table], ignore_index=True)
    return result


def train(rows: pd.DataFrame, vocabulary: tuple[str, ...], moods: Any) -> RandomForestClassifier:
    """Search the grid, evaluate on a held-out fifth, then train on all images."""
    matrix = to_matrix(rows, vocabulary)
    search = GridSearchCV(RandomForestClassifier(random_state=0), GRID, cv=5, n_jobs=-1).fit(matrix, moods)
    forest = search.best_estimator_
    parts = train_test_split(matrix, moods, test_size=0.2, random_state=1, stratify=moods)
    forest.fit(parts[0], parts[2])
    classification_report(parts[3], forest.predict(parts[1]), zero_division=0)
    return forest.fit(matrix, moods)
