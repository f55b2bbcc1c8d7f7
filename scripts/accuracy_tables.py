"""Tables of accuracy and of the costs of classifiers and features."""

from __future__ import annotations

from benchmark_results import load_results

CLASSIFIERS = {
    ("rf", "tags"): "Random forest of 300 trees on tags (as in 2018)",
    ("svm", "tags"): "SVM (RBF) on tags",
    ("logistic", "tags"): "Logistic regression on tags",
    ("logistic", "tags+embedding"): "Logistic regression on tags + embedding",
    ("svm", "embedding"): "SVM (RBF) on the embedding",
}


def accuracy() -> str:
    network = load_results("network")
    rows = [
        "| on the validation fifth | accuracy | macro F1 | calibration error |",
        "|---|---|---|---|",
        f"| always predicting the most frequent mood | {network['largest_class']:.1%} | | |",
    ]
    for name, title in (("tags_alone", "Built in, for tag rows"), ("validation", "**Built in, for pictures**")):
        metrics = network[name]
        rows.append(
            f"| {title} | {metrics['accuracy']:.1%} | {metrics['macro_f1']:.3f} "
            f"| {metrics['calibration_error']:.3f} |"
        )
    return "\n".join(rows)


def classifiers() -> str:
    results = load_results("comparison")
    cells = {
        (cell["algorithm"], cell["inputs"]): cell
        for table in ("tags", "inputs", "default")
        for cell in results[table]["cells"]
    }
    rows = [
        "| on the published network's output | accuracy | macro F1 | calibration error |",
        "|---|---|---|---|",
    ]
    for key, name in CLASSIFIERS.items():
        cell = cells[key]
        rows.append(
            f"| {name} | {_mean_and_spread(cell['accuracy'], '.1%')} "
            f"| {_mean_and_spread(cell['macro_f1'], '.3f')} | {cell['calibration_error']['mean']:.3f} |"
        )
    return "\n".join(rows)


def _mean_and_spread(metric: dict[str, float], spec: str) -> str:
    return f"{metric['mean']:{spec}} ± {metric['spread']:{spec}}"


def comparison(table: str) -> str:
    rows = [
        "| algorithm | inputs | | accuracy | macro F1 | mean recall | log loss | calibration error | fit, s "
        "| ms/image | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for rank, cell in enumerate(load_results("comparison")[table]["cells"]):
        mark = "best" if rank == 0 else "" if cell["below_best"] else "≈"
        numbers = [_mean_and_spread(cell["accuracy"], ".1%")]
        numbers += [
            _mean_and_spread(cell[name], ".3f")
            for name in ("macro_f1", "mean_recall", "log_loss", "calibration_error")
        ]
        numbers += [_mean_and_spread(cell["fit_s"], ".1f"), _mean_and_spread(cell["predict_ms"], ".2f")]
        numbers.append(_mean_and_spread(cell["size_mb"], ".2f"))
        rows.append(f"| {cell['algorithm']} | {cell['inputs']} | {mark} | " + " | ".join(numbers) + " |")
    return "\n".join(rows)


def gains(*tables: str) -> str:
    rows = ["| algorithm | from | to | accuracy | macro F1 | p |", "|---|---|---|---|---|---|"]
    all_gains = [gain for table in tables for gain in load_results("comparison")[table]["gains"]]
    rows += [
        f"| {gain['algorithm']} | {gain['over']} | {gain['inputs']} "
        f"| {100 * gain['accuracy']:+.1f} points | {gain['macro_f1']:+.3f} | {gain['p_value']:.3f} |"
        for gain in all_gains
    ]
    return "\n".join(rows)


def learning_curve() -> str:
    curves = load_results("comparison")["learning"]
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
    curves = load_results("comparison")["resolution"]
    sizes = [size for size, _ in next(iter(curves.values()))]
    rows = ["| side in pixels | " + " | ".join(map(str, sizes)) + " |", "|---" * (len(sizes) + 1) + "|"]
    for inputs, points in curves.items():
        rows.append(f"| {inputs} | " + " | ".join(f"{accuracy:.1%}" for _, accuracy in points) + " |")
    return "\n".join(rows)


def feature_costs() -> str:
    results = load_results("visual_features")
    rows = ["| group | ms per picture |", "|---|---|"]
    rows += [f"| {name} | {cost:.2f} |" for name, cost in results["group_ms"].items()]
    rows.append(f"| all groups, on one thread | {sum(results['group_ms'].values()):.1f} |")
    rows.append(
        f"| `imagemood features` on {results['n_photos']} photos, {results['n_cores']} cores, including decoding "
        f"| {1000 / results['images_per_s']:.1f} ({results['images_per_s']:.0f} pictures/s) |"
    )
    return "\n".join(rows)


def per_mood() -> str:
    rows = ["| mood | precision | recall | F1 | photos |", "|---|---|---|---|---|"]
    rows += [
        f"| {mood} | {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} | {row['support']} |"
        for mood, row in load_results("network")["validation"]["per_class"].items()
    ]
    return "\n".join(rows)


def acumos_runner() -> str:
    results = load_results("acumos_runner")
    share = results["model_ms"] / 29
    return "\n".join(
        [
            "| | this project | 2018 |",
            "|---|---|---|",
            f"| one request to the official runner | {results['request_ms']:.1f} ms "
            f"(95 % below {results['request_p95_ms']:.1f} ms) | 51 ms |",
            f"| of which the model | {results['model_ms']:.2f} ms, {share:.1%} of the 2018 time | 29 ms |",
            f"| the same rows through `imagemood` | {results['imagemood_ms']:.2f} ms | |",
            f"| training, default settings | {results['training_s']:.1f} s | |",
            f"| reading a CSV file of {results['n_tag_rows']:,} rows | {results['reading_s']:.1f} s | |",
            f"| training with the 2018 grid search | {results['grid_s'] + results['training_s']:.0f} s | 98 s |",
            f"| size of `model.zip` | {results['bundle_mb']:.1f} MB | |",
        ]
    )


def robustness() -> str:
    results = load_results("robustness")
    names = {"rf": "random forest", "logistic": "logistic regression"}
    available = list(next(iter(results["algorithms"]["rf"].values())))
    rows = ["| | trained on | " + " | ".join(available) + " |", "|---|---|" + "---|" * len(available)]
    for algorithm, trained in results["algorithms"].items():
        for trained_on, row in trained.items():
            cells = [f"{row[name]['accuracy']:.1%} ({row[name]['macro_f1']:.3f})" for name in available]
            rows.append(f"| {names[algorithm]} | {trained_on} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
