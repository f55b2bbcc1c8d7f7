"""Write the tables of figures into the pages from benchmarks/results, or with --check say if they are stale."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import bulk_figures
import network_figures
import service_figures
import speed_figures
import visual_figures
from results import ROOT, results

COMPARED = {
    ("rf", "tags"): "Random forest of 300 trees on tags (as in 2018)",
    ("svm", "tags"): "SVM (RBF) on tags",
    ("logistic", "tags"): "Logistic regression on tags",
    ("logistic", "tags+embedding"): "Logistic regression on tags + embedding",
    ("svm", "embedding"): "SVM (RBF) on the embedding",
}


def accuracy() -> str:
    network = results("network")
    rows = [
        "| on the validation fifth | accuracy | macro F1 | calibration error |",
        "|---|---|---|---|",
        f"| guessing the largest class | {network['largest_class']:.1%} | | |",
    ]
    for name, title in (("tags_alone", "Built in, for tag rows"), ("validation", "**Built in, for pictures**")):
        figures = network[name]
        rows.append(
            f"| {title} | {figures['accuracy']:.1%} | {figures['macro_f1']:.3f} "
            f"| {figures['calibration_error']:.3f} |"
        )
    return "\n".join(rows)


def compared() -> str:
    figures = results("comparison")
    cells = {
        (cell["algorithm"], cell["inputs"]): cell
        for table in ("tags", "inputs", "default")
        for cell in figures[table]["cells"]
    }
    rows = [
        "| on the published network's answers | accuracy | macro F1 | calibration error |",
        "|---|---|---|---|",
    ]
    for key, name in COMPARED.items():
        cell = cells[key]
        rows.append(
            f"| {name} | {mean_and_spread(cell['accuracy'], '.1%')} | {mean_and_spread(cell['macro_f1'], '.3f')} "
            f"| {cell['calibration_error']['mean']:.3f} |"
        )
    return "\n".join(rows)


def mean_and_spread(figure: dict[str, float], layout: str) -> str:
    return f"{figure['mean']:{layout}} ± {figure['spread']:{layout}}"


def comparison(table: str) -> str:
    rows = [
        "| algorithm | inputs | | accuracy | macro F1 | mean recall | log loss | calibration error | fit, s "
        "| ms/image | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for rank, cell in enumerate(results("comparison")[table]["cells"]):
        mark = "best" if rank == 0 else "" if cell["below_best"] else "≈"
        figures = [mean_and_spread(cell["accuracy"], ".1%")]
        figures += [
            mean_and_spread(cell[name], ".3f")
            for name in ("macro_f1", "mean_recall", "log_loss", "calibration_error")
        ]
        figures += [mean_and_spread(cell["fit_s"], ".1f"), mean_and_spread(cell["predict_ms"], ".2f")]
        figures.append(mean_and_spread(cell["size_mb"], ".2f"))
        rows.append(f"| {cell['algorithm']} | {cell['inputs']} | {mark} | " + " | ".join(figures) + " |")
    return "\n".join(rows)


def gains(*tables: str) -> str:
    rows = ["| algorithm | from | to | accuracy | macro F1 | p |", "|---|---|---|---|---|---|"]
    found = [gain for table in tables for gain in results("comparison")[table]["gains"]]
    rows += [
        f"| {gain['algorithm']} | {gain['over']} | {gain['inputs']} "
        f"| {100 * gain['accuracy']:+.1f} points | {gain['macro_f1']:+.3f} | {gain['p_value']:.3f} |"
        for gain in found
    ]
    return "\n".join(rows)


def learning_curve() -> str:
    curves = results("comparison")["learning"]
    sizes = [point["n_images"] for point in next(iter(curves.values()))]
    rows = [
        "| training images | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    for inputs, points in curves.items():
        for figure, layout in (("accuracy", ".1%"), ("macro_f1", ".3f")):
            cells = (f"{point[figure]:{layout}} ± {point[figure + '_spread']:{layout}}" for point in points)
            rows.append(f"| {inputs}: {figure.replace('_f1', ' F1')} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def resolution_curve() -> str:
    curves = results("comparison")["resolution"]
    sizes = [size for size, _ in next(iter(curves.values()))]
    rows = ["| side in pixels | " + " | ".join(map(str, sizes)) + " |", "|---" * (len(sizes) + 1) + "|"]
    for inputs, points in curves.items():
        rows.append(f"| {inputs} | " + " | ".join(f"{accuracy:.1%}" for _, accuracy in points) + " |")
    return "\n".join(rows)


def feature_costs() -> str:
    figures = results("visual")
    rows = ["| group | ms for a picture |", "|---|---|"]
    rows += [f"| {name} | {cost:.2f} |" for name, cost in figures["group_ms"].items()]
    rows.append(f"| all, on one thread | {sum(figures['group_ms'].values()):.1f} |")
    rows.append(
        f"| `imagemood features` on {figures['n_photos']} photos, {figures['n_cores']} cores, decoding included "
        f"| {1000 / figures['images_per_s']:.1f}, that is {figures['images_per_s']:.0f} pictures/s |"
    )
    return "\n".join(rows)


def per_mood() -> str:
    rows = ["| mood | precision | recall | F1 | photos |", "|---|---|---|---|---|"]
    rows += [
        f"| {mood} | {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} | {row['support']} |"
        for mood, row in results("network")["validation"]["per_class"].items()
    ]
    return "\n".join(rows)


def classic() -> str:
    figures = results("classic")
    share = figures["model_ms"] / 29
    return "\n".join(
        [
            "| | here | 2018 |",
            "|---|---|---|",
            f"| request to the official runner | {figures['request_ms']:.1f} ms "
            f"(95 % under {figures['request_p95_ms']:.1f} ms) | 51 ms |",
            f"| of it in the model | {figures['model_ms']:.2f} ms, {share:.1%} of 2018's | 29 ms |",
            f"| the same rows through `imagemood` | {figures['imagemood_ms']:.2f} ms | |",
            f"| training, default settings | {figures['training_s']:.1f} s | |",
            f"| reading the CSV of {figures['n_tag_rows']:,} rows | {figures['reading_s']:.1f} s | |",
            f"| training with the grid of 2018 | {figures['grid_s'] + figures['training_s']:.0f} s | 98 s |",
            f"| size of `model.zip` | {figures['bundle_mb']:.1f} MB | |",
        ]
    )


def robustness() -> str:
    figures = results("robustness")
    names = {"rf": "random forest", "logistic": "logistic regression"}
    arrive = list(next(iter(figures["algorithms"]["rf"].values())))
    rows = ["| | trained on | " + " | ".join(arrive) + " |", "|---|---|" + "---|" * len(arrive)]
    for algorithm, trained in figures["algorithms"].items():
        for trained_on, row in trained.items():
            cells = [f"{row[name]['accuracy']:.1%} ({row[name]['macro_f1']:.3f})" for name in arrive]
            rows.append(f"| {names[algorithm]} | {trained_on} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


PLACES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "accuracy": accuracy,
        "compared": compared,
        "per mood": per_mood,
        "speed": speed_figures.summary,
    },
    "src/imagemood/builtin/README.md": {
        "network": network_figures.validation,
        "sizes": network_figures.sizes,
        "per mood": per_mood,
    },
    "docs/explanations.md": {"composites": network_figures.composites, "places": network_figures.places},
    "docs/deployment.md": {"classic": classic},
    "docs/robustness.md": {"robustness": robustness},
    "docs/comparison.md": {
        "tags": lambda: comparison("tags"),
        "inputs": lambda: comparison("inputs"),
        "sample": lambda: comparison("sample"),
        "gains": lambda: gains("inputs", "default"),
        "learning": learning_curve,
        "resolution": resolution_curve,
    },
    "docs/visual.md": {
        "features": visual_figures.features,
        "costs": feature_costs,
        "sources": visual_figures.sources,
    },
    "docs/bulk.md": {"speed": bulk_figures.speed, "memory": bulk_figures.memory},
    "docs/speed.md": {
        "photos": speed_figures.photos,
        "reduced scale": speed_figures.reduced_scale,
        "stage two": speed_figures.stage_two,
        "seconds": speed_figures.seconds,
        "growth": speed_figures.growth,
        "searched": speed_figures.searched,
        "precision": speed_figures.precision,
    },
    "docs/service.md": {"load": service_figures.load, "endurance": service_figures.endurance},
}


def main(*, check: bool) -> int:
    n_stale = 0
    for name, tables in PLACES.items():
        page = ROOT / name
        text = page.read_text("utf-8")
        fresh = text
        for figure, table in tables.items():
            pattern = rf"(<!-- figures: {figure} -->\n).*?(<!-- /figures -->)"
            fresh, n_found = re.subn(pattern, lambda m, t=table: f"{m[1]}{t()}\n{m[2]}", fresh, flags=re.DOTALL)
            assert n_found == 1, f"{name} has {n_found} places for the figures of {figure}"
        if not check:
            page.write_text(fresh, "utf-8")
        elif fresh != text:
            n_stale += 1
            print(f"the figures of {name} are stale: run make docs", file=sys.stderr)
    return int(n_stale > 0)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
