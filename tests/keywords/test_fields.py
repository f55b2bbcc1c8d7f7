from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagemood.keywords.fields import Keywords, changes

NAMES = ("Subject", "HierarchicalSubject", "TagsList")
WORDS = st.lists(
    st.sampled_from(["awe", "fear", "mood|awe", "mood/fear", "lake", "a|b", "a/b"]), unique=True, max_size=4
)
FIELDS = st.fixed_dictionaries(dict.fromkeys(NAMES, WORDS))
MOODS = st.lists(st.sampled_from(["awe", "fear", "joy"]), unique=True, max_size=2)


def applied(keywords, change):
    values = {
        name: [value for value in keywords.values[name] if value not in change.removed[name]] + change.added[name]
        for name in NAMES
    }
    return Keywords(values, change.recorded, keywords.iptc, keywords.created)


@given(values=FIELDS, iptc=WORDS, first=MOODS, second=MOODS, embedded=st.none() | FIELDS.map(Keywords))
def test_repeated_changes_are_those_of_the_last_and_can_be_undone(values, iptc, first, second, embedded):
    original = Keywords(values, iptc=iptc)
    once = applied(original, changes(original, second, embedded))
    twice = applied(original, changes(original, first, embedded))
    twice = applied(twice, changes(twice, second, embedded))
    assert {name: set(found) for name, found in twice.values.items()} == {
        name: set(found) for name, found in once.values.items()
    }
    assert not changes(twice, second, embedded)
    for mood in second:
        assert twice.values["Subject"].count(mood) == 1
        assert twice.values["HierarchicalSubject"].count(f"mood|{mood}") == 1
        assert twice.values["TagsList"].count(f"mood/{mood}") == 1
    undone = applied(twice, changes(twice, [], embedded))
    assert undone.values == values
    assert not undone.is_recorded


def test_separators_in_the_names_of_moods_make_no_levels():
    assert changes(Keywords(), ["calm|quiet/still\n"]).added == {
        "Subject": ["calm|quiet/still"],
        "HierarchicalSubject": ["mood|calm-quiet/still"],
        "TagsList": ["mood/calm|quiet-still"],
    }
