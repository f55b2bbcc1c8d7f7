"""Tables of docs/visual.md: the visual features, their sources and their costs."""

from __future__ import annotations

import inspect
import math
import re

from benchmark_results import load_results
from markdown_table import table

from imagemood.visual import FEATURES, GROUPS, Feature, FeatureGroup

HEADER = ("group", "features", "definition", "range", "source")


def features() -> str:
    """Return a table of the features for each section."""
    lines = [f"There are {len(FEATURES)} features in {len(GROUPS)} groups."]
    for section in dict.fromkeys(group.section for group in GROUPS):
        section_rows = [row for group in GROUPS if group.section == section for row in rows(group)]
        lines += ["", f"### {section}", "", table(HEADER, section_rows)]
    return "\n".join(lines)


def rows(group: FeatureGroup) -> list[tuple[str, ...]]:
    """Return the rows of a group; features with the same definition share a row."""
    names: dict[tuple[str, str, str], list[str]] = {}
    for feature in group.features:
        key = (feature.definition, value_range(feature), feature.source)
        names.setdefault(key, []).append(f"`{feature.name}`")
    return [(group.name, ", ".join(same), *key) for key, same in names.items()]


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


def costs() -> str:
    """Return a table of the time that each group takes."""
    results = load_results("visual_features")
    rows = [(name, f"{ms:.2f}") for name, ms in results["group_ms"].items()]
    rows.append(("all groups, on one thread", f"{sum(results['group_ms'].values()):.1f}"))
    photos = f"{results['n_photos']} photos, {results['n_cores']} cores"
    rate = results["images_per_s"]
    total = (f"`imagemood features` on {photos}, including decoding", f"{1000 / rate:.1f} ({rate:.0f} pictures/s)")
    return table(("group", "ms per picture"), [*rows, total])
