"""What stands behind an escape: the raw value of a reading that has no codeword, and its bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codec.theory.labels import Labels


def raw_bits(labels: Labels, spelled: bool = False) -> NDArray[np.int64]:
    """Bits of the raw value of each label, behind an escape: numbers have 64, text its bytes and their number in 16.

    >>> from codec.theory.labels import labels_of
    >>> [raw_bits(labels_of(x)).tolist() for x in ([7], ["seven"])], raw_bits(labels_of([7]), spelled=True).tolist()
    ([[64], [56]], [24])
    """
    if labels.kind in ("int", "float") and not spelled:
        return np.full(len(labels), 64)
    return np.array([16 + 8 * len(raw) for raw in raw_texts(labels, spelled)], np.int64)


def raw_texts(labels: Labels, spelled: bool = False) -> list[bytes]:
    """Labels as the bytes that stand behind an escape; text that was read from a file as its own bytes."""
    if labels.kind == "bytes" and not spelled:
        return list(labels)
    errors = "surrogateescape" if spelled else "surrogatepass"
    return [spelling.encode("utf-8", errors) for spelling in labels.spellings]
