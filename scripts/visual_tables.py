"""Tables of docs/visual.md that describe the visual features, derived from their descriptions in the package."""

from __future__ import annotations

import inspect
import math
import re

from imagemood.visual import FEATURES, GROUPS, Feature, FeatureGroup

HEADER = ("| group | features | definition | range | source |", "|---|---|---|---|---|")


def features() -> str:
    """Return a table of the features for each section."""
    lines = [f"There are {len(FEATURES)} features in {len(GROUPS)} groups."]
    for section in dict.fromkeys(group.section for group in GROUPS):
        lines += ["", f"### {section}", "", *HEADER]
        lines += [row for group in GROUPS if group.section == section for row in rows(group)]
    return "\n".join(lines)


def rows(group: FeatureGroup) -> list[str]:
    """Return the rows of a group; features with the same definition share a row."""
    names: dict[tuple[str, str, str], list[str]] = {}
    for feature in group.features:
        key = (feature.definition, value_range(feature), feature.source)
        names.setdefault(key, []).append(f"`{feature.name}`")
    return [f"| {group.name} | {', '.join(same)} | {' | '.join(key)} |" for key, same in names.items()]


def value_range(feature: Feature) -> str:
    """Return the range of a feature's values with their unit."""
    low, high = (f"{bound:.4g}".replace("-", "−") for bound in (feature.low, feature.high))
    if math.isinf(feature.high):
        text = f"{low} or more"
    elif math.isinf(feature.low):
        text = f"at most {high}"
    else:
        text = f"{low} to {high if feature.high < 1000 else format(int(feature.high), ',')}"
    return f"{text} {feature.unit}".rstrip()


def sources() -> str:
    """Return the references of all features, as the docstrings give them, in alphabetical order."""
    found = set()
    for group in GROUPS:
        text = inspect.getdoc(group.measure) or ""
        references = re.search(r"References\n-+\n(.+?)(\n\n|$)", text, flags=re.DOTALL)
        if references:
            found |= {" ".join(entry.split()) for entry in re.split(r"\.\. \[\d+\]", references[1])[1:]}
    return "\n".join(f"- {entry}" for entry in sorted(found))
