from __future__ import annotations

import re
import string
import tomllib

import pytest
import typer.main
from hypothesis import given
from hypothesis import strategies as st

from imagemood.cli import configuration
from imagemood.cli.app import app
from imagemood.errors import InputError
from tests.cli.commands import run

SERVE = typer.main.get_command(app).commands["serve"]


def parse(*words):
    return SERVE.make_context("serve", list(map(str, words)))


def sources(text):
    return dict(re.findall(r"^([\w-]+) = .*?  # (.+)$", text, re.MULTILINE))


@pytest.fixture
def file(tmp_path):
    """A configuration file with these options."""

    def write(content):
        path = tmp_path / "moods.toml"
        path.write_text(content, "utf-8")
        return path

    return write


def test_the_command_line_has_priority_over_the_environment_and_that_over_the_file(file, monkeypatch):
    path = file("port = 1\nqueue = 100\nmax-images = 1\nallowed-hosts = ['a.example']\nallow-urls = true\n")
    monkeypatch.setenv("IMAGEMOOD_SERVE_PORT", "2")
    monkeypatch.setenv("IMAGEMOOD_SERVE_QUEUE", "200")
    monkeypatch.setenv("IMAGEMOOD_SERVE_CORS", "https://a.example https://b.example")
    monkeypatch.setenv("IMAGEMOOD_SERVE_ACCESS_LOG", "false")
    context = parse("--config", path, "--port", "3")
    names = ("port", "queue", "max_images", "workers", "access_log", "allow_urls")
    assert [context.params[name] for name in names] == [3, 200, 1, 1, False, True]
    assert list(context.params["allowed_hosts"]) == ["a.example"]
    assert list(context.params["cors"]) == ["https://a.example", "https://b.example"]
    found = sources(configuration.describe(context, {}))
    assert found["port"] == "command line"
    assert found["queue"] == "environment variable IMAGEMOOD_SERVE_QUEUE"
    assert found["max-images"] == found["allow-urls"] == f"file {path}"
    assert found["workers"] == "default"


def test_the_file_can_be_named_by_the_environment(file, monkeypatch):
    monkeypatch.setenv("IMAGEMOOD_SERVE_CONFIG", str(file("port = 1234")))
    assert parse().params["port"] == 1234


def test_the_variable_of_the_command_has_priority_over_the_one_of_all_commands(monkeypatch):
    monkeypatch.setenv("IMAGEMOOD_DEVICE", "cuda:1")
    assert parse().params["device"] == "cuda:1"
    monkeypatch.setenv("IMAGEMOOD_SERVE_DEVICE", "cuda:2")
    context = parse()
    assert context.params["device"] == "cuda:2"
    expected = "environment variable IMAGEMOOD_SERVE_DEVICE"
    assert sources(configuration.describe(context, {}))["device"] == expected


def test_every_option_can_be_set_in_a_file_and_by_a_variable(file, monkeypatch):
    defaults = tomllib.loads(configuration.describe(parse(), {}))
    assert len(defaults) > 12
    lines = configuration.describe(parse("--port", "5", "--token-file", "a b", "--no-access-log"), {})
    assert tomllib.loads(lines) == {**defaults, "port": 5, "token-file": "a b", "access-log": False}
    again = parse("--config", file(lines))
    assert tomllib.loads(configuration.describe(again, {})) == tomllib.loads(lines)
    for key, value in tomllib.loads(lines).items():
        name = f"IMAGEMOOD_SERVE_{key.replace('-', '_').upper()}"
        monkeypatch.setenv(name, str(value).lower() if isinstance(value, bool) else str(value))
    assert parse().params["token_file"] == again.params["token_file"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prot = 1", "unknown option 'prot' (did you mean port?)"),
        ("max_mb = 1", "unknown option 'max_mb' (did you mean max-mb?)"),
        ("config = 'a'", "unknown option 'config' (imagemood serve --print-config lists the options)"),
        ("[serve]\nport = 1", "unknown option 'serve' ("),
        ("port = 'x'", 'port: expected a whole number, not "x"'),
        ("port = true", "port: expected a whole number, not true"),
        ("port = 8.0", "port: expected a whole number, not 8.0"),
        ("port = 99999", "port: 99999 is not in the range 1<=x<=65535"),
        ("max-mb = false", "max-mb: expected a number, not false"),
        ("timeout = nan", "timeout: nan is not a finite number"),
        ("access-log = 1", "access-log: expected true or false, not 1"),
        ("model = ''", 'model: expected a text that is not empty, not ""'),
        ("token-file = ['a']", 'token-file: expected a text that is not empty, not ["a"]'),
        ("cors = [1]", "cors: expected a list of texts, not [1]"),
        ("port = ", "not a TOML file: "),
        ("port = 1\nport = 2", "not a TOML file: "),
    ],
)
def test_errors_in_a_file_name_the_file_and_the_option(file, content, message):
    path = file(content)
    with pytest.raises(InputError) as caught:
        parse("--config", path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, message in (("absent", "No such file"), (".", "Is a directory"), ("binary", "not a TOML file: ")):
        with pytest.raises(InputError, match=message):
            parse("--config", tmp_path / name)


def test_errors_in_the_environment_name_the_variable(monkeypatch):
    for name, value, message in (
        ("IMAGEMOOD_SERVE_PORT", "x", "environment variable IMAGEMOOD_SERVE_PORT: 'x' is not a valid int"),
        (
            "IMAGEMOOD_SERVE_MAX_MB",
            "inf",
            "environment variable IMAGEMOOD_SERVE_MAX_MB: inf is not a finite number",
        ),
        (
            "IMAGEMOOD_SERVE_PROT",
            "1",
            "unknown environment variable IMAGEMOOD_SERVE_PROT (did you mean IMAGEMOOD_S",
        ),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(InputError) as caught:
                parse()
            assert str(caught.value).startswith(message)


@pytest.mark.parametrize("value", ["inf", "-inf", "nan"])
def test_numbers_of_the_command_line_are_finite(value):
    with pytest.raises(typer.BadParameter, match=r"not a finite number|not in the range"):
        parse("--max-mb", value)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(model=TEXTS, hosts=st.lists(TEXTS), number=st.floats(0.001, 1e6))
def test_values_are_printed_in_a_form_that_can_be_read(model, hosts, number):
    context = parse("--max-mb", number)
    context.params |= {"model": model, "allowed_hosts": hosts}
    found = tomllib.loads(configuration.describe(context, {}))
    hidden = any("@" in text for text in (model, *hosts))  # possibly a password
    assert hidden or (found["model"], found.get("allowed-hosts", [])) == (model, hosts)
    assert found["max-mb"] == number


def test_the_name_of_a_file_cannot_add_a_line(tmp_path):
    path = tmp_path / "a\nport = 1 # .toml"
    path.write_text("port = 2")
    assert tomllib.loads(configuration.describe(parse("--config", path), {}))["port"] == 2


@given(password=st.text(string.ascii_letters + string.digits, min_size=12))
def test_passwords_are_not_printed(password):
    text = configuration.describe(parse("--downstream", f"tag=http://me:{password}@h.example/"), {})
    assert password not in text
    assert 'downstream = ["tag=http://***@h.example/"]  # command line; without its password\n' in text


def test_the_command_checks_and_prints_its_configuration(tmp_path):
    (tmp_path / "token.txt").write_text("a-secret-of-many-letters")
    (tmp_path / "runtime.json").write_text('{"downstream": ["http://h.example/classify"]}')
    completed = run("serve", "--token-file", "token.txt", "--print-config", cwd=tmp_path)
    assert (completed.returncode, completed.stderr) == (0, b"")
    text = completed.stdout.decode()
    assert tomllib.loads(text)["token-file"] == "token.txt"
    assert "a-secret" not in text
    assert 'downstream = ["tag=http://h.example/classify"]  # runtime.json\n' in text
