"""Glob patterns, compared with Python's glob module."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.pictures import globbing
from imagemood.pictures.sources import list_pictures

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


@given(pattern=patterns)
def test_matches_agrees_with_glob(tree, pattern):
    expected = glob.glob("/".join(pattern), root_dir=tree, recursive=True)  # noqa: PTH207 (the reference)
    found = {"/".join(parts) for parts in files_below(tree) if globbing.matches(parts, tuple(pattern))}
    assert found == {path for path in expected if (tree / path).is_file()}


@given(pattern=patterns)
def test_folders_that_are_not_entered_contain_no_matches(tree, pattern):
    for parts in files_below(tree):
        if globbing.matches(parts, tuple(pattern)):
            assert all(globbing.can_match_below(parts[:n], tuple(pattern)) for n in range(len(parts)))


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
    ("path", "pattern", "expected"),
    [
        ("a/x.jpg", "a", True),
        ("a/b/x.jpg", "a", True),
        ("a/.b/x.jpg", "a", False),
        ("a/b/x.jpg", "**/b", True),
        ("a/x.jpg", "a/", True),
        ("x.jpg", "x.jpg", False),
        ("x.jpg", "*/", False),
        (".a/x.jpg", "*", False),
        (".a/x.jpg", ".a", True),
    ],
)
def test_files_below_a_matching_folder(path, pattern, expected):
    assert globbing.is_in_matching_folder(tuple(path.split("/")), tuple(pattern.split("/"))) is expected
