"""Damaged and hostile models are answered with one clear error, in bounded time and memory."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from imagemood.errors import InputError, ModelError
from imagemood.models import model_directory, trial
from imagemood.models.tagger import Tagger
from tests.corpus.hostile_graphs import mutated
from tests.corpus.hostile_models import Case, write_cases, write_model, write_tagger
from tests.corpus.hostile_networks import MOODS

_LIMIT_S = 60  # a case that takes longer is a failure, also on a machine that is busy
_PICTURES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
_TAGS = np.full((2, 2), 0.5, dtype=np.float32)


def use(case: Case) -> None:
    if case.is_tagger:
        Tagger.load(case.path).predict(_PICTURES)
    else:
        model_directory.load(case.path).predict(_TAGS)


def problem_of(case: Case) -> str | None:
    """Return what is wrong with the answer to a case, or None."""
    try:
        use(case)
    except (ModelError, InputError) as error:
        lines = str(error).splitlines()
        return None if len(lines) == 1 and len(lines[0]) < 2000 else f"unclear: {error}"
    except BaseException as error:  # an exception of any other class is what this test is about
        return repr(error)
    return None if case.may_be_usable else "no error"


@pytest.mark.long
def test_each_hostile_model_is_one_clear_error(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(trial, "_CPU_S", 1)

    def stop(*_):
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, stop)
    try:
        problems, n_cases = {}, 0
        for case in write_cases(tmp_path):
            signal.alarm(_LIMIT_S)
            n_cases += 1
            if problem := problem_of(case):
                problems[case.name] = problem
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
    assert problems == {}
    assert n_cases > 370
    assert capfd.readouterr() == ("", "")


def test_the_valid_models_of_the_cases_are_usable(tmp_path):
    use(Case("valid", write_model(tmp_path / "model")))
    use(Case("valid", write_tagger(tmp_path / "tagger"), is_tagger=True))


def test_the_same_seed_gives_the_same_cases():
    assert mutated(MOODS, 5, seed=1) == mutated(MOODS, 5, seed=1) != mutated(MOODS, 5, seed=2)
