"""One HTML page, without any request to a network, in which p and q are dragged and every figure follows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from codec.show.console import label_text
from codec.show.demo import OBTAINED, TRUE
from codec.theory.alphabet import match
from codec.theory.distribution import Distribution
from codec.theory.labels import labels_of
from codec.theory.sources import built_in
from codec.theory.weights import as_integers

MAX_LABELS = 16
Pair = tuple[str, Distribution, Distribution]


def presets() -> list[Pair]:
    """Pairs of distributions to begin with: a name, p and q."""
    built = [("nasa", "winter"), ("nasa", "uniform"), ("nasa", "peaked"), ("dyadic", "dyadic-reversed")]
    return [
        *((f"{p} against {q}", built_in(p), built_in(q)) for p, q in built),
        ("(½, ½) against (.999, .001)", Distribution("ab", [0.5, 0.5]), Distribution("ab", [0.999, 0.001])),
        ("the article’s true and obtained", Distribution(range(1, 9), TRUE), Distribution(range(1, 9), OBTAINED)),
    ]


def explore_page(pairs: Sequence[Pair]) -> str:
    """The page as HTML.

    Parameters
    ----------
    pairs : sequence of (name, p, q)
        What can be chosen to begin with; the first is shown.

    Raises
    ------
    ValueError
        If a pair has more than 16 labels.
    """
    data = json.dumps([_preset(*pair) for pair in pairs], ensure_ascii=False).replace("<", "\\u003c")
    folder = files("codec.show")
    page = (folder / "explore.html").read_text("utf-8")
    return page.replace("DATA", data).replace("SCRIPT", (folder / "explore.js").read_text("utf-8"))


def side_by_side(p: Distribution, q: Distribution) -> tuple[Distribution, Distribution]:
    """Both over the same alphabet: the labels of p, then those of q alone.

    >>> p, q = side_by_side(Distribution("ab", [1, 1]), Distribution("cb", [1, 3]))
    >>> list(q.labels), p.weights.tolist(), q.weights.tolist()
    (['a', 'b', 'c'], [1, 1, 0], [0, 3, 1])
    """
    symbols, unknown = match(p.labels, q.labels)
    alone = np.zeros(len(q), np.bool_) if unknown is None else unknown
    places = np.where(alone, len(p) + np.cumsum(alone) - 1, symbols.astype(np.int64))
    q_weights = np.zeros(len(p) + int(alone.sum()), object)
    q_weights[places] = as_integers(q.weights)
    labels = labels_of([*p.labels, *q.labels.take(alone)])
    return Distribution(labels, [*as_integers(p.weights), *[0] * int(alone.sum())]), Distribution(labels, q_weights)


def _preset(name: str, p: Distribution, q: Distribution) -> dict[str, object]:
    """A pair, its exact weights as text: they may be larger than a double holds."""
    p, q = side_by_side(p, q)
    if len(p) > MAX_LABELS:
        raise ValueError(f"{name}: {len(p)} labels, and the page has room for {MAX_LABELS}: use a wider --step")
    p_weights, q_weights = ([str(weight) for weight in as_integers(one.weights)] for one in (p, q))
    labels = [label_text(spelling) for spelling in p.labels.spellings]
    return {"name": name, "labels": labels, "p": p_weights, "q": q_weights}
