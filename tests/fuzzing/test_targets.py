"""A short run over all parsers; `tests/fuzzing/fuzz.py` runs as long as you like, guided by coverage."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.hostile_pictures import MUTATIONS
from tests.fuzzing.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_valid_examples_are_parsed(name):
    for example in TARGETS[name].examples:
        TARGETS[name].parse(example)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_parsed_or_rejected(name):
    target = TARGETS[name]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.binary(max_size=300), st.sampled_from(target.examples), st.booleans())
    def check(noise, example, is_appended):
        target.check(example[: len(noise)] + noise if is_appended else noise)

    check()


@pytest.mark.parametrize("name", TARGETS)
def test_mutations_of_valid_examples_are_parsed_or_rejected(name):
    for number in range(200):
        rng = random.Random(f"{name} {number}")  # noqa: S311
        content = rng.choice(TARGETS[name].examples)
        for _ in range(rng.choice((1, 1, 2, 4))):
            content = rng.choice(MUTATIONS)(content, rng) or b"\0"
        TARGETS[name].check(content)
