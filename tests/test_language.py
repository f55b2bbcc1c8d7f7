"""Names, comments, messages and documentation are free of expressions that readers have stumbled over.

Each pattern has the replacement to use. Underscores count as spaces, so names are checked as well.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATTERNS = {
    r"(?<!there )\bis no (?!longer\b|different\b)[a-z]+": "is not a …; unsupported, invalid or missing …",
    r"\btells? (?:the|whether|if|how|what|which|where|a|an|us|tags|moods)\b": "predict, return, state, show",
    r"\b(?:be|is|are|was|were) told\b|\bunless told otherwise\b": "predicted, stated, configured; by default",
    r"\bwhat (?:computes|is counted|is told|goes wrong|travels|surrounds)\b": "a noun and a verb",
    r'"""(?:What|Whom|Who) (?!to )': "start with a noun or a verb: Options of …, Returns …",
    r'"""(?:Say|Tell|Give|Gives|Refuse) ': "Return …, Return whether …, Raise if …",
    r"\bsays? so\b|\bsaid to be\b|\bif nothing else is said\b": "reports it; by default",
    r"\bways? of (?:20\d\d|today)\b": "the 2018 program",
    r"\b(?:of|for|has|have|with) so many\b|\bso many [a-z ]*\bat a time\b|^\s*so many\b": "the number of …, n",
    r"\bas many as there are\b": "the number of …",
    r"\bask(?:s|ed|ing)? again\b": "retry",
    r"\bwhom\b": "candidates, recipients; a noun",
    r"\b(?:doors?|rooms?|houses?)\b": "package, module, entry point; capacity",
    r"\bmade[- ]up\b": "synthetic",
    r"\bdice\b": "rng",
    r"\banew\b": "again",
    r"\bor not at all\b": "atomically",
    r"\bof something else\b": "of another …",
    r"\bfor now\b": "temporarily",
    r"\bto and fro\b": "in both directions",
    r"\bjudg(?:e|es|ed|ing)\b(?!,? (?:or diagnose|select|people|anyone|a person))": "evaluate",
    r"\bcarried\b(?! out)|\bcarr(?:y|ies) (?:a|the|each) moods?\b": "contributed to, supports",
    r"\blearn(?:s|ed|t)? (?:it )?from\b|\blearned moods?\b": "trained on",
    r"\bcontestants?\b": "candidate",
    r"\bpatien(?:t|ce)\b": "timeout, delay",
    r"\bfor company\b": "for more items",
    r"\bgo(?:es|ing)? on (?:where|from|with|without|as)\b": "resume, continue",
    r"\bchosen by (?:itself|themselves)\b": "chosen automatically",
    r"\bwhere there (?:is|are) (?:one|none|any)\b": "if available",
    r"\bthat there (?:is|are) (?:not|none)\b": "missing",
    r"\bstands? (?:twice|elsewhere|before|still)\b": "occurs, is",
    r"\b(?:comes?|came|become) of (?:it|them|that)\b": "results",
    r"\b(?:works?|working|computes?|computed|computing) side by side\b": "in parallel",
    r"\bin turns\b": "alternately",
    r"\bmended\b": "fixed",
    r"\bwithout a (?:word|thought)\b": "silently",
}
"""Regular expressions, matched regardless of case, and what to write instead."""

CHECKED = (
    *(path.name for path in ROOT.glob("*.md")),
    *(path.name for path in ROOT.glob("*.py")),
    ".github",
    ".pre-commit-config.yaml",
    "CITATION.cff",
    "Makefile",
    "NOTICE",
    "Dockerfile",
    "benchmarks",
    "compose.yaml",
    "deploy",
    "docs",
    "proto",
    "pyproject.toml",
    "scripts",
    "src",
    "tests",
    "training",
    "web/build_page.py",
    "web/index.html",
    "web/src",
)
"""The files and folders that are checked."""

GENERATED = ("web/src/messages.js", "web/src/messages.d.ts")
EXCEPTIONS: dict[str, tuple[str, ...]] = {
    "src/imagemood/bulk/rows.py": ('"not available for now"',),  # in datasets of earlier versions
    "tests/bulk/test_dataset.py": ('"not available for now: ',),
    "tests/bulk/test_rows.py": ('"not available for now: ',),
    "CODE_OF_CONDUCT.md": ("learn from them",),
    "training/cross_fitting.py": ("a good teacher is patient",),  # the title of a paper
    "tests/regressions/model_v1/README.md": ("learned from",),  # its hash is in the metadata
}
"""Parts of lines, by file, in which an expression is right."""

SUFFIXES = (
    *(".css", ".html", ".j2", ".md", ".proto", ".py", ".toml", ".ts", ".tsx", ".txt", ".yaml", ".yml"),
    *(".Caddyfile", ".conf", ".service"),
)


def files(places=CHECKED):
    """Return the files in some places that are checked."""
    found = []
    for place in places:
        path = ROOT / place
        found += [path] if path.is_file() else [file for file in path.rglob("*") if file.suffix in SUFFIXES]
    skipped = {ROOT / name for name in GENERATED} | {Path(__file__)}
    built = ROOT / "src" / "imagemood" / "serve" / "static"  # the web page, built from web/
    return sorted(
        file
        for file in found
        if file not in skipped and not file.is_relative_to(built) and not file.name.endswith("_pb2.py")
    )


def violations(text, exceptions=()):
    """Return the forbidden expressions in a text: number of the line, expression, replacement."""
    return [
        (number, match[0].strip(), replacement)
        for number, line in enumerate(text.splitlines(), start=1)
        if not any(exception in line for exception in exceptions)
        for pattern, replacement in PATTERNS.items()
        for match in re.finditer(pattern, line.replace("_", " "), flags=re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_language(path):
    exceptions = EXCEPTIONS.get(str(path.relative_to(ROOT)), ())
    found = violations(path.read_text("utf-8"), exceptions)
    assert not found, "\n".join(
        f"{path.relative_to(ROOT)}:{number}: '{expression}'; write: {replacement}"
        for number, expression, replacement in found
    )


@pytest.mark.parametrize(
    "line",
    [
        '    """Tell the moods of one picture."""',
        'raise ImageError("is no picture in a known format")',
        "dice = np.random.default_rng(0)",
        "def test_a_file_appears_whole_or_not_at_all():",
        "def is_no_json(text):",
        "# whom to judge",
        "What is counted.",
        "So many pictures at a time the device is quickest with",
        "the way of 2018",
    ],
)
def test_forbidden_expressions_are_found(line):
    assert violations(line)
    assert not violations(line, exceptions=(line,))


@pytest.mark.parametrize(
    "line",
    [
        "There is no model with this name.",
        "The file is no longer needed.",
        "Do not use the model to judge or diagnose people.",
        "The forests of today's benchmarks",
        "evaluated once for all folds",
    ],
)
def test_plain_english_is_allowed(line):
    assert not violations(line)


def test_every_place_has_files():
    assert all(files([place]) for place in CHECKED)
    assert all((ROOT / name).is_file() for name in EXCEPTIONS)
