"""CONTRIBUTING.md, the workflows and the issue forms agree with the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import imagemood

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
# Attributes that GitHub accepts for each type of element of an issue form, required ones first.
FORM_ATTRIBUTES = {
    "markdown": (["value"], []),
    "textarea": (["label"], ["description", "placeholder", "value", "render"]),
    "input": (["label"], ["description", "placeholder", "value"]),
    "dropdown": (["label", "options"], ["description", "multiple", "default"]),
    "checkboxes": (["label", "options"], ["description"]),
}


def load(path):
    return yaml.safe_load(path.read_text("utf-8"))


def make_targets(text):
    """Return the targets of the `make` commands in a text, without variables such as PYTHON=python3.13."""
    commands = re.findall(r"(?:^|`|run: )make((?: +[A-Za-z]+=\S+| [a-z-]+)+)", text, re.MULTILINE)
    return {word for command in commands for word in command.split() if "=" not in word}


def steps(workflow):
    return [step for job in load(workflow)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("run `make check test`, then", {"check", "test"}),
        ("make PYTHON=python3.13 demo   # comment", {"demo"}),
        ("`make` and make sure that it works", set()),
    ],
)
def test_make_targets_are_found_in_text(text, targets):
    assert make_targets(text) == targets


@pytest.mark.parametrize(
    "path",
    ["CONTRIBUTING.md", ".pre-commit-config.yaml", ".github/PULL_REQUEST_TEMPLATE.md", *WORKFLOWS, *FORMS],
    ids=str,
)
def test_make_targets_exist(path):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = make_targets((ROOT / path).read_text("utf-8"))
    assert targets <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_contributing_names_the_checks():
    assert {"check", "test", "coverage", "format", "docs"} <= make_targets(CONTRIBUTING)


def test_continuous_integration_runs_the_make_targets_on_every_supported_python():
    ci = load(ROOT / ".github" / "workflows" / "ci.yml")
    commands = [step["run"] for step in steps(ROOT / ".github" / "workflows" / "ci.yml") if "run" in step]
    assert [command for command in commands if command.startswith("make")] == [
        "make check", "make test", "make coverage", "make lowest",
    ]  # fmt: skip
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python-version"] == ["3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_install_the_programs_of_the_tests_before_they_run_them(workflow):
    for name, job in load(workflow)["jobs"].items():
        commands = [step.get("run", "") for step in job["steps"]]
        for i, command in enumerate(commands):
            if re.match("make .*(test|coverage|lowest)", command):
                assert "apt-get install --yes caddy libimage-exiftool-perl nginx strace" in commands[i - 1], name


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_minimal_permissions_and_pinned_actions(workflow):
    content = load(workflow)
    assert content["permissions"] == {"contents": "read"}
    granted = {name: job["permissions"] for name, job in content["jobs"].items() if "permissions" in job}
    assert granted == ({"publish": {"id-token": "write"}} if workflow.name == "publish.yml" else {})
    for action in (step["uses"] for step in steps(workflow) if "uses" in step):
        assert re.fullmatch(r"[\w/-]+@(v\d+|release/v\d+)", action)


def test_publishing_requires_the_checks_and_the_tests():
    content = load(ROOT / ".github" / "workflows" / "publish.yml")
    assert content[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` as True
    assert content["jobs"]["publish"]["needs"] == "build"
    assert {"run": "make check test"} in content["jobs"]["build"]["steps"]


def test_the_citation_has_the_version_of_the_package():
    citation = load(ROOT / "CITATION.cff")
    assert citation["version"] == imagemood.__version__
    assert citation["title"] == "image-mood-classifier"
    assert citation["license"] == "Apache-2.0"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_links_and_paths_exist(page):
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    paths = re.findall(r"`((?:src|tests|web|docs|\.github)/[\w./-]+|[A-Z]+\.(?:md|cff)|pyproject\.toml)`", text)
    missing = [path for path in [*links, *paths] if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_issue_forms_are_valid(path):
    form = load(path)
    assert {"name", "description", "body"} <= set(form) <= {"name", "description", "title", "labels", "body"}
    ids = [element["id"] for element in form["body"] if element["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    for element in form["body"]:
        required, optional = FORM_ATTRIBUTES[element["type"]]
        assert set(required) <= set(element["attributes"]) <= {*required, *optional}
        assert set(element) <= {"type", "id", "attributes", "validations"}
        assert set(element.get("validations", {})) <= {"required"}
    assert any(element.get("validations", {}).get("required") for element in form["body"])


def test_the_pre_commit_hooks_are_local():
    repositories = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
