from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.linear_head import fit_linear_head
from imagemood.finetuning.starting_weights import Start, load_network
from imagemood.finetuning.training import predict


@pytest.mark.parametrize("n_moods", [2, 3])
@pytest.mark.parametrize("balanced", [False, True])
def test_the_head_is_a_logistic_regression_on_the_embedding(photos, n_moods, balanced):
    network = load_network(n_moods, Start.moods).eval()
    before = network.mood_last.weight.clone()
    decoded = DecodedPhotos(torch.from_numpy(photos[0]), network, torch.float32)
    moods = np.arange(16) * 7 % 5 % n_moods
    indices = np.arange(2, 16)
    ticks = []
    fit_linear_head(
        network, decoded, indices, moods, balanced=balanced, progress=lambda *progress: ticks.append(progress)
    )
    assert ticks == [(14, 14)]
    assert torch.equal(network.mood_last.weight, before)
    with torch.no_grad():
        embedding = network.embedding(decoded.batch(np.arange(16))).numpy().astype(float)
    scale = embedding[indices].std()
    reference = LogisticRegression(C=0.01, class_weight="balanced" if balanced else None, max_iter=1000)
    reference.fit(embedding[indices] / scale, moods[indices])
    found = softmax(predict(network, decoded.batch, np.arange(16)), axis=1)
    np.testing.assert_allclose(found, reference.predict_proba(embedding / scale), atol=5e-3)
