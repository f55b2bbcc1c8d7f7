"""How the program of 2018 worked on tables of tag rows, in its own steps, with the mistakes mended."""

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
    """Sort the rows by score, group them by image, and put them over weak noise one by one."""
    places = {tag: place for place, tag in enumerate(vocabulary)}
    images = rows.sort_values("score", ascending=False).groupby("image")
    noise = 0.1 * rows["score"].mean()
    matrix = np.random.default_rng(0).random((len(images), len(vocabulary))) * noise
    for line, (_, of_image) in enumerate(images):
        for tag, score in zip(of_image["tag"], of_image["score"], strict=True):
            matrix[line][places[tag]] = score
    return matrix


def predict(rows: pd.DataFrame, vocabulary: tuple[str, ...], forest: RandomForestClassifier) -> pd.DataFrame:
    """Answer with a table for each image, most probable mood first, joined to the tables before it."""
    answers = None
    for image, probabilities in enumerate(forest.predict_proba(to_matrix(rows, vocabulary))):
        table = pd.DataFrame({"image": image, "mood": forest.classes_, "probability": probabilities})
        table = table.sort_values("probability", ascending=False)
        answers = table if answers is None else pd.concat([answers, table], ignore_index=True)
    return answers


def learn(rows: pd.DataFrame, vocabulary: tuple[str, ...], moods: Any) -> RandomForestClassifier:
    """Search the grid, report on a fifth, learn from all."""
    matrix = to_matrix(rows, vocabulary)
    search = GridSearchCV(RandomForestClassifier(random_state=0), GRID, cv=5, n_jobs=-1).fit(matrix, moods)
    forest = search.best_estimator_
    parts = train_test_split(matrix, moods, test_size=0.2, random_state=1, stratify=moods)
    forest.fit(parts[0], parts[2])
    classification_report(parts[3], forest.predict(parts[1]), zero_division=0)
    return forest.fit(matrix, moods)
