"""A run's report: one HTML page and its figures, from numbers and pictures that are handed in.

Curves, confusion, ROC and tables may be shared; everything that shows a photograph goes to `photographs/`, which is
ignored by git, because pictures of people are theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

PHOTOGRAPHS = "photographs"
RIGHT, WRONG = "#1a7f37", "#b3261e"
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f}
table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #c4c6cf;padding:.2rem .6rem;text-align:right}
th:first-child,td:first-child{text-align:left}img{max-width:100%;height:auto}code{background:#f0f0f4;padding:0 .2rem}"""


@dataclass(frozen=True)
class Page:
    """What a report is made from."""

    title: str
    facts: Mapping[str, Any]
    """The bundle's card."""
    history: Sequence[Mapping[str, float]]
    best_epoch: int
    summary: Mapping[str, Any]
    """As `measures.summary` makes it."""
    labels: Sequence[str]
    truth: Sequence[str]
    signers: Sequence[str]
    probabilities: npt.NDArray[np.floating]
    """(N, labels)"""
    pictures: npt.NDArray[np.uint8]
    """(N, S, S, 3), as the network was fed them."""
    random_split: float | None = None
    """Accuracy on a random split, where it is known, to stand beside the other."""


def write_report(folder: Path, page: Page) -> Path:
    """Write report/index.html and its figures into `folder`; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PHOTOGRAPHS).mkdir(exist_ok=True)
    figures = {
        "curves.png": curves(page.history, page.best_epoch),
        "confusion.png": confusion(page.summary["confusion"], page.labels),
        "roc.png": roc(page.probabilities, page.truth, page.labels),
        "signers.png": bars(page.summary["by_signer"], "share read right"),
        f"{PHOTOGRAPHS}/examples.png": thumbnails(page, _spread(len(page.truth), 48)),
        f"{PHOTOGRAPHS}/confused.png": thumbnails(page, confused_examples(page)),
    }
    for name, figure in figures.items():
        figure.savefig(folder / name, dpi=90, bbox_inches="tight")
        plt.close(figure)
    path = folder / "index.html"
    path.write_text(html(page), encoding="utf-8")
    return path


def curves(history: Sequence[Mapping[str, float]], best_epoch: int) -> Figure:
    """Loss and accuracy over the epochs, the best one marked."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    epochs = [row["epoch"] for row in history]
    for axis, word in zip(axes, ("loss", "accuracy"), strict=True):
        for name in sorted(
            {name for row in history for name in row if word in name} | ({"score"} if word == "accuracy" else set())
        ):
            axis.plot(epochs, [row.get(name, float("nan")) for row in history], label=name)
        axis.axvline(best_epoch, color="grey", linestyle=":", label="best epoch")
        axis.set(xlabel="epoch", title=word)
        if epochs:
            axis.legend(fontsize=8)
    return figure


def confusion(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> Figure:
    """True labels down, read labels across, each row as shares."""
    table = np.array(counts, float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = max(4, 0.33 * len(labels))
    figure, axis = plt.subplots(figsize=(side, side))
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axis.set(xticks=range(len(labels)), yticks=range(len(labels)), xlabel="read", ylabel="true")
    axis.set_xticklabels(labels, rotation=90, fontsize=8)
    axis.set_yticklabels(labels, fontsize=8)
    for row, column in zip(*np.nonzero(shares >= 0.05), strict=True):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axis.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", fontsize=6, color=colour)
    return figure


def roc(probabilities: npt.NDArray[np.floating], truth: Sequence[str], labels: Sequence[str]) -> Figure:
    """One curve a label, each against the rest."""
    figure, axis = plt.subplots(figsize=(5, 5))
    words = np.array(truth)
    for at, label in enumerate(labels):
        if 0 < np.sum(words == label) < len(words):
            false, true, _ = roc_curve(words == label, probabilities[:, at])
            axis.plot(false, true, linewidth=0.8, label=label)
    axis.set(xlabel="false positives", ylabel="true positives", title="each label against the rest")
    if axis.lines:
        axis.legend(fontsize=6, ncols=3)
    return figure


def bars(shares: Mapping[str, float], title: str, most: int = 60) -> Figure:
    """A horizontal bar for each name, the lowest `most`, lowest first."""
    rows = sorted(shares.items(), key=lambda item: item[1])[:most]
    figure, axis = plt.subplots(figsize=(7, max(1.5, 0.25 * len(rows))))
    axis.barh([name or "unknown" for name, _ in rows], [share for _, share in rows], color="#3f5f90")
    axis.set(xlim=(0, 1), xlabel=title)
    return figure


def thumbnails(page: Page, rows: Sequence[int], columns: int = 8) -> Figure:
    """Pictures with true and read label, green where they agree and red where not."""
    lines = max(1, -(-len(rows) // columns))
    figure, axes = plt.subplots(lines, columns, figsize=(1.3 * columns, 1.55 * lines), squeeze=False)
    for axis in axes.ravel():
        axis.axis("off")
    read = [page.labels[at] for at in page.probabilities.argmax(axis=1)]
    for axis, row in zip(axes.ravel(), rows, strict=False):
        agrees = read[row] == page.truth[row]
        axis.imshow(page.pictures[row])
        words = page.truth[row] if agrees else f"{page.truth[row]}, read {read[row]}"
        axis.set_title(words, fontsize=8, color=RIGHT if agrees else WRONG)
    return figure


def worst_confusions(
    counts: Sequence[Sequence[int]], labels: Sequence[str], most: int = 10
) -> list[tuple[str, str, int, float]]:
    """The pairs most often mistaken: true label, read label, how often, share of the true label's pictures."""
    table = np.array(counts)
    wrong = table - np.diag(np.diag(table))
    order = np.argsort(-wrong, axis=None)[:most]
    pairs = [divmod(int(at), len(labels)) for at in order if wrong.flat[at] > 0]
    return [(labels[t], labels[r], int(table[t, r]), float(table[t, r] / table[t].sum())) for t, r in pairs]


def confused_examples(page: Page, pairs: int = 6, each: int = 8) -> list[int]:
    """Row numbers of pictures of the worst confusions, pair by pair."""
    read = np.array(page.labels)[page.probabilities.argmax(axis=1)]
    truth = np.array(page.truth)
    rows: list[int] = []
    for true, other, *_ in worst_confusions(page.summary["confusion"], page.labels, pairs):
        rows += np.flatnonzero((truth == true) & (read == other))[:each].tolist()
    return rows


def html(page: Page) -> str:
    """The page itself."""
    metrics = page.facts.get("metrics", {})
    rule = page.facts.get("split", {}).get("rule", "unknown split")
    sides = [("random split", page.random_split), (rule, page.summary["accuracy"])]
    figures = [(name.replace("_", " "), value) for name, value in metrics.items() if isinstance(value, int | float)]
    classes = [
        (label, row["precision"], row["recall"], row["f1"], row["support"])
        for label, row in page.summary["by_label"].items()
    ]
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(page.title)}</title><style>{_STYLE}</style>",
        f"<h1>{escape(page.title)}</h1><p>Version {escape(str(page.facts.get('version', '')))}. Split: {escape(rule)}.</p>",
        "<h2>Side by side</h2>"
        + _table(("split", "accuracy"), [(name, "not measured" if v is None else v) for name, v in sides]),
        "<h2>Figures</h2>" + _table(("figure", "value"), figures),
        _picture("Accuracy and loss", "curves.png"),
        _picture("Confusion, in percent of each true label", "confusion.png"),
        "<h2>Worst confusions</h2>"
        + _table(("true", "read", "pictures", "share"), worst_confusions(page.summary["confusion"], page.labels)),
        "<h2>By label</h2>" + _table(("label", "precision", "recall", "F1", "support"), classes),
        _picture("By signer", "signers.png"),
        "<h2>ROC</h2>"
        + f"<p>Mean area under the curves: {_cell(page.summary['roc_auc'])}</p>"
        + _picture("", "roc.png"),
        _picture("Examples", f"{PHOTOGRAPHS}/examples.png"),
        _picture("The worst confusions in pictures", f"{PHOTOGRAPHS}/confused.png"),
        f"<h2>Made by</h2><pre>{escape(str(page.facts.get('command', '')))}</pre></html>",
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>" for row in rows)
    return "<table><tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + f"</tr>{cells}</table>"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return escape(f"{value:,}" if isinstance(value, int) else str(value))


def _picture(title: str, name: str) -> str:
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f'{heading}<img src="{name}" alt="{escape(title or name)}">'


def _spread(count: int, most: int) -> list[int]:
    """At most `most` row numbers, evenly spread over all."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int)).tolist() if count else []
