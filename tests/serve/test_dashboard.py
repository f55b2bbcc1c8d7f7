"""The Grafana dashboard and the documentation name exactly the metrics that a running service has."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import promql_parser as promql
import pytest
from prometheus_client.parser import text_string_to_metric_families

from imagemood.serve.schemas.openapi import PNG_BASE64

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "imagemood.json").read_text("utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
SCRAPED = {"job", "instance"}
"""Labels that Prometheus adds."""
PICTURE = {"name": "image", "shape": [1], "datatype": "BYTES", "data": [PNG_BASE64]}


@dataclass
class Metric:
    """A metric of a running service."""

    type: str
    labels: set[str]


def read_metrics(text):
    """Return the metrics by the name in the documentation, and the labels of each name in queries."""
    metrics, series = {}, {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels}
        metrics[name] = Metric(family.type, labels - {"le"})
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
    return metrics, series


@pytest.fixture(scope="module")
def metrics(service, photos):
    """The metrics after requests that give each of them a value."""
    service.post("/v1/moods", content=photos["rocket.jpg"])
    service.post("/v1/moods", content=b"not a picture")
    for picture in (PICTURE, {**PICTURE, "data": []}):
        service.post("/v2/models/mood/infer", json={"inputs": [picture]})
    return read_metrics(service.get("/metrics").text)


def queries():
    for title, panel in PANELS.items():
        for target in panel["targets"]:
            yield pytest.param(target["expr"], target["legendFormat"], id=f"{title} {target['refId']}")


def parse(text):
    for name, value in {"$__rate_interval": "5m", "$job": ".*", "$instance": ".*", "$route": ".*"}.items():
        text = text.replace(name, value)
    assert "$" not in text
    return promql.parse(text)


def check(node, series):
    """Check that the names and labels in a query exist, and return the labels of its result."""
    if isinstance(node, promql.MatrixSelector):
        return check(node.vector_selector, series)
    if isinstance(node, promql.VectorSelector):
        assert node.name in series, node.name
        labels = series[node.name] | SCRAPED
        assert {matcher.name for matcher in node.matchers.matchers} <= labels, node.name
        return labels
    if isinstance(node, promql.AggregateExpr):
        labels = check(node.expr, series)
        wanted = set(node.modifier.labels) if node.modifier else set()
        assert wanted <= labels
        return wanted
    if isinstance(node, promql.Call):
        found = [check(argument, series) for argument in node.args]
        return set().union(*found) - ({"le"} if node.func.name == "histogram_quantile" else set())
    if isinstance(node, promql.BinaryExpr):
        left, right = check(node.lhs, series), check(node.rhs, series)
        matching = node.modifier.matching if node.modifier else None
        if matching is not None:
            assert set(matching.labels) <= left & right
        elif left and right:  # otherwise no series of one side has a counterpart on the other side
            assert left == right
        return left | right
    assert isinstance(node, promql.NumberLiteral), type(node)
    return set()


@pytest.mark.parametrize(("query", "legend"), queries())
def test_the_query_names_metrics_and_labels_that_exist(metrics, query, legend):
    labels = check(parse(query), metrics[1])
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= labels


@pytest.mark.parametrize(
    "query", ["absent_total", 'imagemood_moods_total{color="red"}', "sum by (le) (imagemood_moods_total)"]
)
def test_a_query_of_another_metric_or_label_would_be_found(metrics, query):
    with pytest.raises(AssertionError):
        check(parse(query), metrics[1])


def test_every_metric_is_in_the_dashboard(metrics):
    text = " ".join(target["expr"] for panel in PANELS.values() for target in panel["targets"])
    unused = {name for name in metrics[0] if not re.search(rf"\b{name}(?:_bucket|_sum|_count)?\b", text)}
    assert unused == {"process_virtual_memory_bytes"}


def test_the_variables_have_the_values_of_labels_that_exist(metrics):
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__rate_interval", "__all"}
    assert used == set(variables)
    for name in used - {"datasource"}:
        selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variables[name]["definition"]).groups()
        assert label in check(parse(selector), metrics[1])
        assert variables[name]["query"]["query"] == variables[name]["definition"]


def test_the_panels_do_not_overlap_and_have_the_data_source_of_the_variable():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
        for source in [panel, *panel.get("targets", ())]:
            assert source.get("datasource", {}).get("uid", "${datasource}") == "${datasource}"


def documented():
    """Return the metrics in the table of the documentation."""
    text = (ROOT / "docs" / "service.md").read_text("utf-8")
    rows = re.findall(r"^\| `((?:imagemood|process)_\w+)` \| (\w+) \|([^|]*)\| .+ \|$", text, re.MULTILINE)
    return {name: Metric(kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def test_the_documentation_lists_the_metrics_with_their_types_and_labels(metrics):
    assert documented() == metrics[0]
