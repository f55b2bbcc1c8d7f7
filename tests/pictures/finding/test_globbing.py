"""Glob patterns, compared with Python's glob module."""

from __future__ import annotations

import functools
import glob
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.pictures.finding import globbing
from imagemood.pictures.finding.globbing import Pattern, Positions
from imagemood.pictures.finding.sources import list_pictures

patterns = st.lists(
    st.sampled_from(["*", "**", "a*", "?", "[ab]b", "[!a]*", "ab", "a", ".*", ".a", "*x"]), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """All paths of one to three names from a, b, ab, bb, .a, where the last name is a file."""
    root = tmp_path_factory.mktemp("tree") / "d"
    names = ["a", "b", "ab", "bb", ".a"]
    for one in names:
        for two in names:
            (root / one / two).mkdir(parents=True)
            for three in names:
                (root / one / two / f"{three}x").touch()
        (root / one / "ax").touch()
    return root


def files_below(root: Path) -> list[tuple[str, ...]]:
    return [path.relative_to(root).parts for path in root.rglob("*") if path.is_file()]


def positions_in(pattern: Pattern, folders: tuple[str, ...]) -> Positions:
    """Return the positions of a pattern in a folder."""
    return functools.reduce(pattern.enter, folders, pattern.start)


@given(parts=patterns)
def test_matches_agree_with_glob(tree, parts):
    expected = glob.glob("/".join(parts), root_dir=tree, recursive=True)  # noqa: PTH207 (the reference)
    pattern = Pattern(tuple(parts))
    found = {
        "/".join(path)
        for path in files_below(tree)
        if pattern.matches_file(positions_in(pattern, path[:-1]), path[-1])
    }
    assert found == {path for path in expected if (tree / path).is_file()}


@given(parts=patterns, ends_with_slash=st.booleans())
def test_matching_folders_agree_with_glob(tree, parts, ends_with_slash):
    text = "/".join([*parts, *[""] * ends_with_slash])
    expected = {path.rstrip("/") for path in glob.glob(text, root_dir=tree, recursive=True)}  # noqa: PTH207
    pattern = Pattern(tuple(text.split("/")))
    folders = [(), *(path.relative_to(tree).parts for path in tree.rglob("*") if path.is_dir())]
    found = {"/".join(path) for path in folders if pattern.matches_folder(positions_in(pattern, path))}
    assert found - {""} == {path for path in expected if (tree / path).is_dir()} - {""}


def test_many_recursive_parts_do_not_take_exponential_time():
    pattern = Pattern(("**", "a*") * 25 + ("x",))
    positions = positions_in(pattern, ("ab",) * 2000)
    assert len(positions) <= 51
    assert not pattern.matches_file(positions, "y")


@given(pattern=patterns)
def test_listing_a_pattern_finds_the_same_files_as_glob(tree, pattern):
    pattern = "/".join([*pattern, "*x"])
    expected = glob.glob(f"{tree}/{pattern}", recursive=True)  # noqa: PTH207
    if any("*" in part or "?" in part or "[" in part for part in pattern.split("/")):
        if expected:
            assert list(list_pictures(f"{tree}/{pattern}").names) == sorted(set(expected))
        else:
            with pytest.raises(InputError, match="matches no file"):
                list_pictures(f"{tree}/{pattern}")


@given(st.lists(st.sampled_from(["a", "b*", "**", "[c]", "", "s3:"]), min_size=1, max_size=5), st.booleans())
def test_splitting_a_pattern_loses_no_part(parts, is_absolute):
    pattern = "/" * is_absolute + "/".join(parts)
    if globbing.is_pattern(pattern):
        base, rest = globbing.split(pattern)
        assert not globbing.is_pattern(base)
        assert globbing.is_pattern(rest[0])
        joined = base + "/" * (bool(base) and not (base == "/" and is_absolute)) + "/".join(rest)
        assert joined.replace("//", "/") == pattern.replace("//", "/")


@pytest.mark.parametrize(
    ("pattern", "name", "options", "expected"),
    [
        ("*", "@eaDir", {}, True),
        ("*", "@eaDir", {"by_wildcards": False}, False),
        ("@*", "@eaDir", {"by_wildcards": False}, False),
        ("**", "@eaDir", {"by_wildcards": False}, False),
        ("@eaDir", "@eaDir", {"by_wildcards": False}, True),
        ("*", ".git", {}, False),
        ("*", ".git", {"include_hidden": True}, True),
        ("**", ".git", {"include_hidden": True}, True),
        (".*", ".git", {}, True),
    ],
)
def test_names_that_wildcards_may_not_match(pattern, name, options, expected):
    pattern = Pattern((pattern, "*.jpg"))
    assert bool(pattern.enter(pattern.start, name, **options)) is expected


def test_empty_parts_and_dots_have_no_effect():
    pattern = Pattern(("a*", "", ".", "*.jpg"))
    assert pattern.matches_file(pattern.enter(pattern.start, "ab"), "x.jpg")


def test_a_pattern_without_parts_matches_the_first_folder_alone():
    pattern = Pattern(())
    assert pattern.matches_folder(pattern.start)
    assert not pattern.matches_folder(pattern.enter(pattern.start, "a"))
    assert not pattern.matches_file(pattern.start, "a")
