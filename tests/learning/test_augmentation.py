from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.learning.augmentation import Augmentation, add_soft_noise, mask_samples


def synthetic_tags(seed, n_images=4, n_tags=9):
    rng = np.random.default_rng(seed)
    tags = rng.dirichlet(np.full(n_tags, 0.5), size=n_images).astype(np.float32)
    tags[rng.random(tags.shape) < 0.3] = 0
    return tags


@given(st.integers(0, 99), st.lists(st.floats(0.01, 1), min_size=1, max_size=4))
def test_each_copy_keeps_a_fraction_of_the_top_tags(seed, fractions):
    tags = synthetic_tags(seed)
    copies, origin = mask_samples(tags, tuple(fractions))
    assert copies.shape == (4 * len(fractions), 9)
    assert origin.tolist() == [0, 1, 2, 3] * len(fractions)
    for row, (copy, image) in enumerate(zip(copies, origin, strict=True)):
        present = np.flatnonzero(tags[image])
        n_kept = int(np.ceil(fractions[row // 4] * len(present)))
        top_scores = sorted(tags[image][present], reverse=True)[:n_kept]
        assert sorted(copy[copy > 0], reverse=True) == top_scores
        assert np.isin(copy[copy > 0], tags[image]).all()


def test_the_fraction_1_keeps_all_tags():
    tags = synthetic_tags(0)
    np.testing.assert_array_equal(mask_samples(tags, (1.0,))[0], tags)


def test_an_image_without_tags_is_not_changed():
    copies, _ = mask_samples(np.zeros((1, 3), dtype=np.float32))
    assert not copies.any()
    assert not add_soft_noise(np.zeros((1, 3), dtype=np.float32)).any()


@given(st.integers(0, 99), st.floats(0, 1))
def test_noise_replaces_missing_tags_only_and_is_bounded(seed, amount):
    tags = synthetic_tags(seed)
    noisy = add_soft_noise(tags, amount, random_state=seed)
    present = tags > 0
    np.testing.assert_array_equal(noisy[present], tags[present])
    assert (noisy[~present] >= 0).all()
    assert (noisy[~present] <= amount * tags[present].mean() * (1 + 1e-6)).all()
    np.testing.assert_array_equal(noisy, add_soft_noise(tags, amount, random_state=seed))


def test_the_seed_determines_the_noise():
    tags = synthetic_tags(1)
    assert (add_soft_noise(tags, random_state=0) != add_soft_noise(tags, random_state=1)).any()


@pytest.mark.parametrize("fractions", [(), (0.0,), (1.1,), (float("nan"),)])
def test_invalid_fractions(fractions):
    with pytest.raises(InputError, match="invalid mask fractions"):
        mask_samples(synthetic_tags(0), fractions)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_invalid_amounts(amount):
    with pytest.raises(InputError, match="invalid amount of noise"):
        add_soft_noise(synthetic_tags(0), amount)


def test_no_augmentation_changes_nothing():
    tags = synthetic_tags(0)
    same, origin = Augmentation().apply(tags)
    assert same is tags
    assert origin.tolist() == [0, 1, 2, 3]


def test_noise_comes_after_the_masks():
    tags = synthetic_tags(2, n_images=50, n_tags=100)
    noisy, origin = Augmentation((0.5, 1.0), 0.1).apply(tags)
    copies, _ = mask_samples(tags, (0.5, 1.0))
    np.testing.assert_array_equal(noisy, add_soft_noise(copies, 0.1))
    assert len(origin) == 100


@pytest.mark.parametrize("n_present", [10, 50, 200])
def test_one_missing_tag_gets_noise_for_every_twenty_tags(n_present):
    tags = np.zeros((200, 1000), dtype=np.float32)
    tags[:, :n_present] = np.random.default_rng(0).uniform(0.01, 1, (200, n_present))
    n_noisy = np.count_nonzero(add_soft_noise(tags), axis=1) - n_present
    assert n_noisy.mean() == pytest.approx(n_present / 20, rel=0.2)


def test_noise_is_below_the_scores_of_the_image():
    tags = np.zeros((2, 1000), dtype=np.float32)
    tags[0, :500], tags[1, :500] = 0.9, 1e-4
    noisy = add_soft_noise(tags, 1.0)
    assert 0.1 < noisy[0, 500:].max() <= 0.46  # the mean score
    assert 0 < noisy[1, 500:].max() <= 1e-4


def test_complete_tags_are_not_changed():
    tags = np.full((3, 4), 0.25, dtype=np.float32)
    np.testing.assert_array_equal(add_soft_noise(tags), tags)
