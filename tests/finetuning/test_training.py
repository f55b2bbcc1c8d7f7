from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from imagemood.finetuning import depthwise
from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.recipe import Recipe
from imagemood.finetuning.starting_weights import Start, load_network
from imagemood.finetuning.training import Training, predict

RECIPE = Recipe(sizes_px=(64, 32), n_epochs=4, n_batch=8, rate=1e-3)
LEARNED = np.arange(16)


@pytest.fixture
def targets(photos):
    return torch.from_numpy(np.eye(2, dtype=np.float32)[photos[1]])


def start(photos, recipe=RECIPE, dtype=torch.float32):
    training = Training(load_network(2, Start.tags, drop_rate=recipe.drop_rate), recipe, n_steps_per_epoch=2)
    return training, DecodedPhotos(torch.from_numpy(photos[0]), training.average, dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_loss_decreases_and_the_average_of_the_weights_predicts_the_moods(photos, targets, dtype):
    assert depthwise.compile_library() is None
    training, decoded = start(photos, dataclasses.replace(RECIPE, n_epochs=6), dtype)
    losses = list(training.run(decoded, LEARNED, targets))
    assert len(losses) == 12
    assert np.mean(losses[-2:]) < 0.7 * losses[0]
    assert losses[0] == pytest.approx(np.log(2), abs=1e-3)
    logits = predict(training.average, decoded.batch, LEARNED)
    np.testing.assert_array_equal(logits.argmax(axis=1), photos[1])


def test_only_the_mood_body_and_the_head_change(photos, targets):
    training, decoded = start(photos)
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    next(iter(training.run(decoded, LEARNED, targets)))
    changed = {
        name for name, value in training.network.state_dict().items() if not torch.equal(value, before[name])
    }
    assert {name.split(".")[0] for name in changed} == {"mood_blocks", "mood_last", "moods"}


def test_a_resumed_training_equals_one_that_was_not_interrupted(photos, targets):
    training, decoded = start(photos)
    run = training.run(decoded, LEARNED, targets)
    for _ in range(3):  # in the middle of an epoch
        next(run)
    state = {**training.state(), "network": {k: v.clone() for k, v in training.network.state_dict().items()}}
    state = torch.utils._pytree.tree_map(lambda v: v.clone() if isinstance(v, torch.Tensor) else v, state)
    expected = list(run)
    resumed, decoded = start(photos)
    resumed.resume(state)
    assert list(resumed.run(decoded, LEARNED, targets)) == expected
    for name, value in training.average.state_dict().items():
        assert torch.equal(resumed.average.state_dict()[name], value), name


def test_each_epoch_uses_each_photo_at_most_once_and_another_order(photos):
    training, _ = start(photos, dataclasses.replace(RECIPE, n_batch=7))
    first = training.batches(LEARNED)
    assert [len(batch) for batch in first] == [7, 7]
    assert len(set(np.concatenate(first))) == 14
    training.n_steps_done = 2
    assert not np.array_equal(np.concatenate(training.batches(LEARNED)), np.concatenate(first))


def test_the_learning_rate_rises_and_falls_and_is_lower_for_lower_blocks(photos, targets):
    training, decoded = start(photos)
    steps = training.run(decoded, LEARNED, targets)
    rates = [[group["lr"] for group in training.optimizer.param_groups] for _ in steps]
    first, last = np.array(rates)[0], np.array(rates)[-1]
    assert (last < 0.05 * first).all()
    assert (np.diff(first) > 0).all()
    assert first[-1] == pytest.approx(RECIPE.head_rate, rel=0.05)


def test_a_device_gets_the_photos_in_its_own_precision(photos):
    _, decoded = start(photos, dtype=torch.bfloat16)
    assert decoded.batch(np.array([0, 5])).dtype == torch.bfloat16
    augmented = decoded.augmented(np.array([0, 5]), 32, RECIPE.augmentation, np.random.default_rng(0))
    assert augmented.shape == (2, 40, 4, 4)
