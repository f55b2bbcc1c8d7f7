from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.learning.augmentation import Augmentation, add_soft_noise, mask_samples


def made(seed, n_images=4, n_tags=9):
    dice = np.random.default_rng(seed)
    tags = dice.dirichlet(np.full(n_tags, 0.5), size=n_images).astype(np.float32)
    tags[dice.random(tags.shape) < 0.3] = 0
    return tags


@given(st.integers(0, 99), st.lists(st.floats(0.01, 1), min_size=1, max_size=4))
def test_each_copy_keeps_the_strongest_share_in_a_row_of_its_own(seed, fractions):
    tags = made(seed)
    copies, origin = mask_samples(tags, tuple(fractions))
    assert copies.shape == (4 * len(fractions), 9)
    assert origin.tolist() == [0, 1, 2, 3] * len(fractions)
    for row, (copy, image) in enumerate(zip(copies, origin, strict=True)):
        present = np.flatnonzero(tags[image])
        n_kept = int(np.ceil(fractions[row // 4] * len(present)))
        strongest = sorted(tags[image][present], reverse=True)[:n_kept]
        assert sorted(copy[copy > 0], reverse=True) == strongest
        assert np.isin(copy[copy > 0], tags[image]).all()


def test_the_whole_is_kept_by_the_share_of_1():
    tags = made(0)
    np.testing.assert_array_equal(mask_samples(tags, (1.0,))[0], tags)


def test_an_image_without_tags_stays_without():
    copies, _ = mask_samples(np.zeros((1, 3), dtype=np.float32))
    assert not copies.any()
    assert not add_soft_noise(np.zeros((1, 3), dtype=np.float32)).any()


@given(st.integers(0, 99), st.floats(0, 1))
def test_noise_is_on_absent_tags_alone_and_within_its_bound(seed, amount):
    tags = made(seed)
    noisy = add_soft_noise(tags, amount, random_state=seed)
    present = tags > 0
    np.testing.assert_array_equal(noisy[present], tags[present])
    assert (noisy[~present] >= 0).all()
    assert (noisy[~present] <= amount * tags[present].mean() * (1 + 1e-6)).all()
    np.testing.assert_array_equal(noisy, add_soft_noise(tags, amount, random_state=seed))


def test_another_seed_makes_other_noise():
    tags = made(1)
    assert (add_soft_noise(tags, random_state=0) != add_soft_noise(tags, random_state=1)).any()


@pytest.mark.parametrize("fractions", [(), (0.0,), (1.1,), (float("nan"),)])
def test_fractions_that_cannot_be(fractions):
    with pytest.raises(InputError, match="mask fractions are"):
        mask_samples(made(0), fractions)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_amounts_that_cannot_be(amount):
    with pytest.raises(InputError, match="the amount of noise is"):
        add_soft_noise(made(0), amount)


def test_no_augmentation_changes_nothing():
    tags = made(0)
    same, origin = Augmentation().apply(tags)
    assert same is tags
    assert origin.tolist() == [0, 1, 2, 3]


def test_noise_comes_after_the_masks():
    tags, origin = Augmentation((0.5, 1.0), 0.1).apply(made(2))
    assert (tags > 0).all()
    assert len(origin) == 8
