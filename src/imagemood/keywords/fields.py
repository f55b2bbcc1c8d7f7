"""The fields of XMP that hold keywords, and which values to add and to remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imagemood._text import printable

SUBJECT, HIERARCHICAL_SUBJECT, TAGS_LIST = "Subject", "HierarchicalSubject", "TagsList"
_TAGS = {
    SUBJECT: "XMP-dc:Subject",
    HIERARCHICAL_SUBJECT: "XMP-lr:HierarchicalSubject",
    TAGS_LIST: "XMP-digiKam:TagsList",
}
_IPTC = "IPTC:Keywords"
_RECORD = "XMP-imagemood:"
_CREATED = f"{_RECORD}Created"
PARENT = "mood"
"""The keyword above those of all moods."""
READ_TAGS = ("File:FileType", *_TAGS.values(), _IPTC, f"{_RECORD}all")
"""The tags that `Keywords.from_tags` needs."""

Values = Mapping[str, Sequence[str]]
"""The values of each field."""


@dataclass(frozen=True)
class Keywords:
    """The keywords in a file.

    Attributes
    ----------
    values : dict of str to list of str
        The values of each field.
    recorded : dict of str to list of str
        Those that this package has added.
    iptc : list of str
        The keywords outside XMP, in the older format IPTC-IIM.
    created : bool
        Whether this package has created the file.
    """

    values: Values = field(default_factory=lambda: dict.fromkeys(_TAGS, ()))
    recorded: Values = field(default_factory=lambda: dict.fromkeys(_TAGS, ()))
    iptc: Sequence[str] = ()
    created: bool = False

    @classmethod
    def from_tags(cls, tags: Mapping[str, Any]) -> Keywords:
        """Return the keywords among the tags that ExifTool has read."""
        return cls(
            values={name: _as_list(tags.get(tag)) for name, tag in _TAGS.items()},
            recorded={name: _as_list(tags.get(_RECORD + name)) for name in _TAGS},
            iptc=_as_list(tags.get(_IPTC)),
            created=_CREATED in tags,
        )

    @property
    def others(self) -> Values:
        """The values that this package has not added."""
        return {name: _without(values, self.recorded[name]) for name, values in self.values.items()}

    @property
    def is_recorded(self) -> bool:
        """Whether this package has added keywords to the file."""
        return any(self.recorded.values())


@dataclass(frozen=True)
class Changes:
    """Changes of the keywords in a file.

    Attributes
    ----------
    added, removed : dict of str to list of str
        The values of each field that are added and removed.
    recorded : dict of str to list of str
        The values that this package has added in total.
    former : dict of str to list of str
        Those that it had added before.
    """

    added: Values
    removed: Values
    recorded: Values
    former: Values

    def __bool__(self) -> bool:
        return any(list(self.recorded[name]) != list(self.former[name]) or self.added[name] for name in _TAGS)

    @property
    def added_moods(self) -> list[str]:
        """The moods that are added."""
        return _moods(self.added[HIERARCHICAL_SUBJECT])

    @property
    def removed_moods(self) -> list[str]:
        """The moods that are removed."""
        return _moods(self.removed[HIERARCHICAL_SUBJECT])

    def assignments(self, *, creates: bool = False) -> list[str]:
        """Return the assignments for ExifTool."""
        lines = [f"{tag}-={value}" for name, tag in _TAGS.items() for value in self.removed[name]]
        lines += [f"{tag}+={value}" for name, tag in _TAGS.items() for value in self.added[name]]
        for name in _TAGS:
            values = [f"{_RECORD}{name}={value}" for value in self.recorded[name]]
            lines += values or [f"{_RECORD}{name}="]
        if creates:
            lines.append(f"{_CREATED}=True")
        elif not any(self.recorded.values()):
            lines.append(f"{_CREATED}=")
        return lines


def changes(keywords: Keywords, moods: Sequence[str], embedded: Keywords | None = None) -> Changes:
    """Return what changes if the given moods become the keywords of a file; without moods, everything is undone.

    Many programs read only one of the fields. So that none of them misses a keyword that it has shown until now,
    an empty field first receives the keywords of another field: of the file or, if a sidecar has no keywords at
    all, of the picture.

    Parameters
    ----------
    keywords : Keywords
        Those in the file.
    moods : sequence of str
        The moods to add.
    embedded : Keywords, optional
        Those in the picture, if the file is its sidecar.

    Examples
    --------
    >>> changes(Keywords(), ["awe"]).added
    {'Subject': ['awe'], 'HierarchicalSubject': ['mood|awe'], 'TagsList': ['mood/awe']}
    """
    others = keywords.others
    wanted: dict[str, list[str]] = {name: [] for name in _TAGS}
    if moods:
        labels = [printable(" ".join(mood.split())) for mood in moods]
        wanted = _completed(others, keywords.iptc, embedded)
        wanted[SUBJECT] += labels
        wanted[HIERARCHICAL_SUBJECT] += [f"{PARENT}|{label.replace('|', '-')}" for label in labels]
        wanted[TAGS_LIST] += [f"{PARENT}/{label.replace('/', '-')}" for label in labels]
    recorded = {name: _without(dict.fromkeys(values), others[name]) for name, values in wanted.items()}
    return Changes(
        added={name: _without(values, keywords.values[name]) for name, values in recorded.items()},
        removed={
            name: [value for value in keywords.values[name] if value in _without(keywords.recorded[name], values)]
            for name, values in recorded.items()
        },
        recorded=recorded,
        former=keywords.recorded,
    )


def _completed(others: Values, iptc: Sequence[str], embedded: Keywords | None) -> dict[str, list[str]]:
    """Return the keywords of each field; those of an empty one come from another field.

    Empty keywords are left out, because ExifTool empties a list if one of its new values is empty.
    """
    if embedded is not None and not any(others.values()):
        others, iptc = embedded.others, embedded.iptc
    flat, hierarchical, tags = (others[name] for name in (SUBJECT, HIERARCHICAL_SUBJECT, TAGS_LIST))
    flat = flat or iptc or [path.rpartition("|")[2] for path in hierarchical]
    flat = flat or [path.rpartition("/")[2] for path in tags]
    completed = {
        SUBJECT: flat,
        HIERARCHICAL_SUBJECT: hierarchical or [path.replace("/", "|") for path in tags] or flat,
        TAGS_LIST: tags or [path.replace("|", "/") for path in hierarchical] or flat,
    }
    return {name: [value for value in values if value] for name, values in completed.items()}


def _without(values: Any, excluded: Sequence[str]) -> list[str]:
    return [value for value in values if value not in excluded]


def _moods(paths: Sequence[str]) -> list[str]:
    return [path.removeprefix(f"{PARENT}|") for path in paths if path.startswith(f"{PARENT}|")]


def _as_list(value: Any) -> list[str]:
    """Return the values of a list, which ExifTool prints without brackets if there is only one."""
    if value is None:
        return []
    return [str(item) for item in (value if isinstance(value, list) else [value])]
