"""Tests of the modules that the benchmarks and the scripts share."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import time
from pathlib import Path

import PIL.Image
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def load(monkeypatch):
    """Return a function that imports a module of benchmarks/ or scripts/."""

    def load_module(name):
        for folder in ("benchmarks", "scripts"):
            if (ROOT / folder / f"{name}.py").is_file():
                monkeypatch.syspath_prepend(str(ROOT / folder))
                return importlib.import_module(name)
        raise FileNotFoundError(name)

    return load_module


def size(path):
    with PIL.Image.open(path) as image:
        return image.size


class TestTiming:
    def test_spread_has_median_minimum_and_maximum(self, load):
        timing = load("timing")
        spread = timing.Spread.of([5.0, 1.0, 2.0])
        assert spread == (2.0, 1.0, 5.0)
        assert spread.times(1000) == (2000.0, 1000.0, 5000.0)

    def test_rate_of_the_slowest_round_is_the_minimum(self, load):
        assert load("timing").Spread(2.0, 1.0, 4.0).per_second(8) == (4.0, 2.0, 8.0)

    def test_each_round_calls_every_candidate(self, load):
        calls = []
        candidates = {name: lambda name=name: calls.append(name) for name in ("a", "b")}
        spreads = load("timing").time_alternately(candidates, n_rounds=2, n_calls=2)
        assert calls == ["a", "b", *(["a", "a", "b", "b"] * 2)]
        assert list(spreads) == ["a", "b"]

    def test_seconds_are_per_call(self, load, monkeypatch):
        clock = iter(range(100))
        monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
        spreads = load("timing").time_alternately({"a": int}, n_rounds=3, n_calls=4, warm_up=False)
        assert spreads["a"] == (0.25, 0.25, 0.25)

    def test_results_are_saved_with_a_description_of_the_machine(self, load, tmp_path, monkeypatch):
        timing = load("timing")
        monkeypatch.setattr(timing, "RESULTS", tmp_path / "results")
        timing.save_results("speed", {"rates": timing.as_dicts({"a": timing.Spread(2.0, 1.0, 4.0)})})
        saved = json.loads((tmp_path / "results" / "speed.json").read_text("utf-8"))
        assert saved["rates"] == {"a": {"median": 2.0, "low": 1.0, "high": 4.0}}
        assert saved["machine"]["n_cores"] >= 1

    def test_table_shows_the_speed_up_over_each_candidate(self, load, capsys):
        timing = load("timing")
        rows = {"imagemood": timing.Spread(2.0, 2.0, 2.0), "other": timing.Spread(8.0, 8.0, 8.0)}
        timing.print_table("seconds", "s", rows)
        assert "4.00 ×" in capsys.readouterr().out
        timing.print_table("rates", "photos/s", rows, more_is_better=True)
        assert "0.25 ×" in capsys.readouterr().out


class TestBenchmarkPhotos:
    def test_crops_of_the_samples_have_the_requested_size(self, load, tmp_path):
        paths = load("benchmark_photos").make_photos(tmp_path / "photos", 64, 45, None)
        assert len(paths) == len(set(paths)) == 45
        assert {max(size(path)) for path in paths} == {64}
        assert paths[0].read_bytes() == paths[40].read_bytes(), "40 crops, then repetitions"

    def test_photos_of_the_right_size_are_used_unchanged(self, load, tmp_path):
        source = tmp_path / "source"
        source.mkdir()
        for i in range(3):
            PIL.Image.new("RGB", (64, 48), (i, 0, 0)).save(source / f"{i}.jpg")
        paths = load("benchmark_photos").make_photos(tmp_path / "photos", 64, 3, source)
        assert sorted(paths) == sorted(source.iterdir())
        assert not (tmp_path / "photos").exists()

    def test_photos_of_another_size_are_resized(self, load, tmp_path):
        source = tmp_path / "source"
        source.mkdir()
        PIL.Image.new("RGB", (64, 48)).save(source / "a.jpg")
        (path,) = load("benchmark_photos").make_photos(tmp_path / "photos", 128, 1, source)
        assert size(path) == (128, 96)


class TestLoadGenerator:
    def test_percentiles(self, load):
        percentile = load("load_generator").percentile
        assert [percentile(list(range(100)), fraction) for fraction in (0.5, 0.95, 0.99)] == [50, 95, 99]
        assert percentile([], 0.5) == 0.0

    @pytest.mark.parametrize("closes", [False, True])
    def test_responses_are_counted_by_status(self, load, closes):
        """A server that answers every third request with 404, and may close the connection each time."""
        generator = load("load_generator")
        bodies = []

        async def serve(reader, writer):
            try:
                while head := await reader.readuntil(b"\r\n\r\n"):
                    length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
                    bodies.append(await reader.readexactly(length))
                    status = b"404 Not Found" if len(bodies) % 3 == 0 else b"200 OK"
                    connection = b"Connection: close\r\n" if closes else b""
                    writer.write(b"HTTP/1.1 " + status + b"\r\n" + connection + b"Content-Length: 2\r\n\r\nok")
                    await writer.drain()
                    if closes:
                        break
            except asyncio.IncompleteReadError:
                pass
            finally:
                writer.close()

        async def run():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/path?query"
            requests = generator.prepare_requests(url, [b"one", b"three"], "text/plain", "text/plain")
            async with server:
                return await generator.run(url, requests, n_connections=1, seconds=60, max_requests=9)

        result = asyncio.run(run())
        assert {status: len(times) for status, times in result.ms.items()} == {200: 6, 404: 3}
        assert bodies == [b"one", b"three"] * 4 + [b"one"]
        assert (result.n_sent, result.n_lost) == (9, 0)


IMPORTS = {"cli": {"serve", "models", "errors"}, "serve": {"models"}, "models": {"errors"}, "errors": set()}


class TestPackageDiagram:
    def test_imports_that_follow_from_others_are_omitted(self, load):
        diagram = load("package_diagram")
        assert diagram.reachable(IMPORTS, "serve") == {"models", "errors"}
        assert diagram.essential(IMPORTS, "cli") == {"serve"}
        assert diagram.essential(IMPORTS, "models") == {"errors"}

    def test_diagram_shows_every_package_of_the_contract(self, load):
        diagram = load("package_diagram")
        text = diagram.package_diagram()
        for name in (name for layer in diagram.layers() for name in layer):
            assert f"    {name}\n" in text
        assert "  prediction --> models\n" in text
        assert "models --> prediction" not in text

    @pytest.mark.parametrize(
        ("module", "expected"), [("imagemood", ""), ("imagemood.api", "api"), ("imagemood.cli.app", "cli")]
    )
    def test_top_level(self, load, module, expected):
        assert load("package_diagram").top_level(module) == expected


def test_a_markdown_table_has_a_line_for_the_header_and_each_row(load):
    text = load("markdown_table").table(("", "mood", "share"), [("a", "", "1%"), ("b", "awe", "2%")])
    assert text.splitlines() == ["| | mood | share |", "|---|---|---|", "| a | | 1% |", "| b | awe | 2% |"]


def test_tables_show_the_committed_results(load):
    tables = load("network_tables")
    network = json.loads((ROOT / "benchmarks" / "results" / "network.json").read_text("utf-8"))
    metrics = network["cross_validation"]
    value, (low, high) = metrics["accuracy"], metrics["intervals"]["accuracy"]
    assert f"(accuracy) | {value:.1%} | {low:.1%} to {high:.1%} |" in tables.validation()
    published = [float(re.search(r"([\d.]+)%", row)[1]) for row in tables.published().splitlines()[2:]]
    assert published == sorted(published)
    assert round(100 * value, 1) in published
    assert tables.valence().count("%") == 2
    for mood, row in metrics["per_class"].items():
        assert f"| {mood} | {row['precision']:.2f} (" in load("accuracy_tables").per_mood()
    assert "Lite0" in tables.tried()
    for row in load("accuracy_tables").comparison("tags").splitlines():
        assert row.count("|") == 12
    assert (
        load("speed_tables")
        .scaling()
        .startswith("| ms per photo in a folder of | 1 | 10 | 100 | 1,000 | 10,000 |")
    )


def test_project_checks_report_long_modules_and_different_versions(load, tmp_path, monkeypatch):
    check = load("check_project")
    (tmp_path / "src" / "imagemood").mkdir(parents=True)
    (tmp_path / "src" / "imagemood" / "__init__.py").write_text('__version__ = "1.0"\n' * 300)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 0.9.0\n")
    (tmp_path / "CITATION.cff").write_text("version: 0.8.0\n")
    monkeypatch.setattr(check, "ROOT", tmp_path)
    assert check.long_modules() == ["src/imagemood/__init__.py has 300 lines; the maximum is 260"]
    assert check.mismatched_versions() == [
        "version 1.0 of the package does not match the newest entry of CHANGELOG.md, 0.9.0",
        "version 1.0 of the package does not match CITATION.cff, 0.8.0",
    ]
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 1.0\n")
    (tmp_path / "CITATION.cff").write_text("version: 1.0\n")
    assert check.mismatched_versions() == []
