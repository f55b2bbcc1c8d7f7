from __future__ import annotations

import dataclasses

import numpy as np
import onnxruntime
import pytest

from imagemood.learning import ALGORITHMS, train

INPUT_SETS = ("tags", "tags+embedding", "embedding", "tags+embedding+visual")


@pytest.fixture(scope="session")
def with_visual(training_set):
    """The synthetic training set with visual features: two are informative, two are noise, one is constant."""
    rng = np.random.default_rng(1)
    mood_index = np.unique(training_set.moods, return_inverse=True)[1]
    noise = rng.normal(size=(240, 5)) * [0.1, 30, 1, 1, 0]
    visual = noise + np.outer(mood_index, [0.1, 10, 0, 0, 0]) + [0, 0, 0, 0, 7]
    names = tuple(f"feature {i}" for i in range(5))
    return dataclasses.replace(training_set, visual=visual.astype(np.float32), visual_names=names)


@pytest.fixture(scope="session", params=[(a, i) for a in ALGORITHMS for i in INPUT_SETS], ids="-".join)
def trained(request, with_visual):
    """A model of each algorithm on each set of inputs."""
    algorithm, inputs = request.param
    return train(with_visual.select(inputs.split("+")), algorithm)


# The conversion of a forest takes longer than its training.
@pytest.fixture(scope="session")
def onnx_file(trained):
    """The content of the model's ONNX file."""
    return trained.to_onnx()


@pytest.fixture(scope="session")
def classifier(trained):
    """The model's classifier, which runs its ONNX file."""
    return trained.classifier()


@pytest.fixture(scope="session")
def run_onnx():
    """Run the content of an ONNX file with ONNX Runtime alone, and return the probabilities."""

    def run(content, **inputs):
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        return session.run(["probabilities"], inputs)[0]

    return run
