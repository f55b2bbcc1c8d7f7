"""Tables of the accuracy of classifiers."""

from __future__ import annotations

from benchmark_results import load_results
from markdown_table import table
from network_tables import interval_text, method

CLASSIFIERS = {
    ("rf", "tags"): "Random forest of 300 trees on tags (as in 2018)",
    ("svm", "tags"): "SVM (RBF) on tags",
    ("logistic", "tags"): "Logistic regression on tags",
    ("logistic", "tags+embedding"): "Logistic regression on tags + embedding",
    ("svm", "embedding"): "SVM (RBF) on the embedding",
}
METRICS = {
    "accuracy": ("accuracy", ".1%"),
    "macro_f1": ("macro F1", ".3f"),
    "mean_recall": ("mean recall", ".3f"),
    "log_loss": ("log loss", ".3f"),
    "calibration_error": ("calibration error", ".3f"),
    "fit_s": ("fit, s", ".1f"),
    "predict_ms": ("ms/picture", ".2f"),
    "size_mb": ("MB", ".2f"),
}
"""Title and format of each metric of a comparison."""


def accuracy() -> str:
    network = load_results("network")
    rows = [("always predicting the most frequent mood", "", f"{network['largest_class']:.1%}", *[""] * 5)]
    for name, title in (
        ("tags_alone", "Built in, for tag rows"),
        ("cross_validation", "**Built in, for pictures**"),
    ):
        metrics = network[name]
        top_two = f"{metrics['top_two_accuracy']:.1%}" if metrics.get("top_two_accuracy") else ""
        positive = f"{metrics['valence']['accuracy']:.1%}" if metrics.get("valence") else ""
        others = (f"{metrics[key]:.3f}" for key in ("macro_f1", "log_loss", "calibration_error"))
        evaluated_on = f"{metrics['n_images']:,} photos, {method(metrics)}"
        rows.append((title, evaluated_on, f"{metrics['accuracy']:.1%}", top_two, positive, *others))
    header = (
        "model",
        "evaluated on",
        "accuracy",
        "top two",
        "positive or negative",
        "macro F1",
        "log loss",
    )
    return table((*header, "calibration error"), rows)


def classifiers() -> str:
    results = load_results("comparison")
    cells = {
        (cell["algorithm"], cell["inputs"]): cell
        for name in ("tags", "inputs", "default")
        for cell in results[name]["cells"]
    }
    rows = [
        (
            title,
            _mean_and_spread(cells[key]["accuracy"], ".1%"),
            _mean_and_spread(cells[key]["macro_f1"], ".3f"),
            f"{cells[key]['calibration_error']['mean']:.3f}",
        )
        for key, title in CLASSIFIERS.items()
    ]
    return table(("on the published network's output", "accuracy", "macro F1", "calibration error"), rows)


def _mean_and_spread(metric: dict[str, float], spec: str) -> str:
    return f"{metric['mean']:{spec}} ± {metric['spread']:{spec}}"


def comparison(name: str) -> str:
    rows = []
    for rank, cell in enumerate(load_results("comparison")[name]["cells"]):
        mark = "best" if rank == 0 else "" if cell["below_best"] else "≈"
        values = (_mean_and_spread(cell[metric], spec) for metric, (_, spec) in METRICS.items())
        rows.append((cell["algorithm"], cell["inputs"], mark, *values))
    return table(("algorithm", "inputs", "", *(title for title, _ in METRICS.values())), rows)


def gains(*names: str) -> str:
    rows = [
        (
            gain["algorithm"],
            gain["over"],
            gain["inputs"],
            f"{100 * gain['accuracy']:+.1f} points",
            f"{gain['macro_f1']:+.3f}",
            f"{gain['p_value']:.3f}",
        )
        for name in names
        for gain in load_results("comparison")[name]["gains"]
    ]
    return table(("algorithm", "from", "to", "accuracy", "macro F1", "p"), rows)


def learning_curve() -> str:
    curves = load_results("comparison")["learning"]
    rows = []
    for inputs, points in curves.items():
        for metric in ("accuracy", "macro_f1"):
            title, spec = METRICS[metric]
            cells = (f"{point[metric]:{spec}} ± {point[metric + '_spread']:{spec}}" for point in points)
            rows.append((f"{inputs}: {title}", *cells))
    sizes = (f"{point['n_images']:,}" for point in next(iter(curves.values())))
    return table(("training pictures", *sizes), rows)


def resolution_curve() -> str:
    curves = load_results("comparison")["resolution"]
    sizes = (str(size) for size, _ in next(iter(curves.values())))
    rows = [(inputs, *(f"{accuracy:.1%}" for _, accuracy in points)) for inputs, points in curves.items()]
    return table(("side in pixels", *sizes), rows)


def per_mood() -> str:
    metrics = load_results("network")["cross_validation"]
    intervals = metrics["intervals"]["per_class"]
    rows = [
        (
            mood,
            *(f"{row[key]:.2f} ({interval_text(ends, '.2f')})" for key, ends in intervals[mood].items()),
            f"{row['support']:,}",
        )
        for mood, row in metrics["per_class"].items()
    ]
    return table(("mood", "precision", "recall", "F1", "photos"), rows)


def robustness() -> str:
    algorithms = load_results("robustness")["algorithms"]
    names = {"rf": "random forest", "logistic": "logistic regression"}
    available = list(next(iter(algorithms["rf"].values())))
    rows = [
        (
            names[algorithm],
            trained_on,
            *(f"{row[name]['accuracy']:.1%} ({row[name]['macro_f1']:.3f})" for name in available),
        )
        for algorithm, trained in algorithms.items()
        for trained_on, row in trained.items()
    ]
    return table(("", "trained on", *available), rows)


def soft_noise() -> str:
    results = load_results("robustness")["numbers_of_tags"]["tags"]
    rows = [
        (
            f"{int(n_tags):,}",
            *(f"{row[noise]['same']:.1%}" for noise in ("without", "with", "2018")),
            *(f"{row[noise]['all']:.1%}" for noise in ("without", "with")),
        )
        for n_tags, row in results.items()
    ]
    same, every = "predicted from as many tags: {}", "from all 1,000: {}"
    header = ("tags per image", *(same.format(noise) for noise in ("no noise", "soft noise", "noise of 2018")))
    return table((*header, every.format("no noise"), every.format("soft noise")), rows)
