"""The server and the credentials come from the environment, as in the tutorial of 2018."""

from __future__ import annotations

import pytest

from tests.acumos.onboarding import IMAGE, NAME, PASSWORD, TOKEN, onboarding_server
from tests.certificates import server_context

TRAIN = ("-n", "-m", "svm", "-l", "labels.txt", "-i", "features.csv")
WITH_PASSWORD = {"ACUMOS_TOKEN": "", "ACUMOS_USERNAME": NAME, "ACUMOS_PASSWORD": PASSWORD}


@pytest.fixture(autouse=True)
def environment(server, monkeypatch):
    monkeypatch.setenv("ACUMOS_PUSH", f"{server.address}/push")
    monkeypatch.setenv("ACUMOS_TOKEN", TOKEN)


def test_without_a_dump(classify, server):
    before = set(classify.folder.iterdir())
    done = classify(*TRAIN)
    assert done.code == 0, done.err
    assert f"pushed to {server.address}/push: {IMAGE}" in done.err
    assert f"imagemood acumos push image_mood_classifier -a {server.address}/push" in done.err
    assert [path for path, _, _ in server.requests] == ["/push"]
    assert b'"name": "image_mood_classifier"' in server.requests[0][2]
    assert set(classify.folder.iterdir()) == before


def test_with_a_dump_and_a_user_name(classify, server, monkeypatch):
    for name, value in WITH_PASSWORD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ACUMOS_AUTH", f"{server.address}/auth")
    done = classify(*TRAIN, "-d", "kept")
    assert done.code == 0, done.err
    assert [path for path, _, _ in server.requests] == ["/auth", "/push"]
    assert (classify.folder / "kept" / "model.zip").read_bytes() in server.requests[1][2]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ACUMOS_TOKEN": ""}, "no credentials"),
        ({"ACUMOS_TOKEN": "", "ACUMOS_USERNAME": NAME}, "no credentials"),
        (WITH_PASSWORD, "no authentication address"),
        ({"ACUMOS_PUSH": "ftp://example.org"}, "ftp://example.org: not an HTTP(S) URL"),
        ({"ACUMOS_PUSH": "http://[::1"}, "http://[::1: not an HTTP(S) URL"),
        ({"ACUMOS_AUTH": "example.org"}, "example.org: not an HTTP(S) URL"),
    ],
)
def test_what_is_missing_is_reported_before_training(classify, server, monkeypatch, variables, message):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = classify(*TRAIN, "-d", "unpushed")
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert server.requests == []
    assert not (classify.folder / "unpushed").exists()


@pytest.mark.parametrize("arguments", [(*TRAIN, "-s", "2"), ("-i", "features.csv", "-d", "model")])
@pytest.mark.parametrize("token", ["", TOKEN])
def test_the_environment_concerns_only_runs_that_train(classify, server, monkeypatch, arguments, token):
    monkeypatch.setenv("ACUMOS_TOKEN", token)
    done = classify(*arguments)
    assert done.code == 0, done.err
    assert server.requests == []
    assert "notice" not in done.err
    assert "Evaluation" not in done.out


def test_an_empty_address_turns_the_push_off(classify, server, monkeypatch):
    monkeypatch.setenv("ACUMOS_TOKEN", "")
    done = classify(*TRAIN, "-a", "")
    assert done.code == 0, done.err
    assert server.requests == []


def test_a_failed_push_without_a_dump(classify, server):
    server.accepts = set()
    done = classify(*TRAIN, "-s", "1", "-a", f"{server.address}/push")
    assert done.code == 1
    assert "the trained model is not kept; -d MODEL saves it" in done.err
    assert TOKEN not in done.err + done.out


def test_a_server_with_a_certificate_of_its_own(classify, tmp_path, monkeypatch):
    with onboarding_server(server_context(tmp_path)) as server:
        monkeypatch.setenv("SSL_CERT_FILE", "")  # restored after the test
        arguments = (*TRAIN, "-a", f"{server.address}/push", "--ca-file", str(tmp_path / "authority.pem"))
        done = classify(*arguments)
        assert done.code == 0, done.err
        assert [path for path, _, _ in server.requests] == ["/push"]
