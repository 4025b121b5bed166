"""What a file takes beside its payload, by purpose: read off its parts as they pass."""

from __future__ import annotations

from codec.codes.prediction_table import prediction_sizes
from codec.coding.step import File
from codec.files.container import Block, End
from codec.files.short import short_sizes

OVERHEAD = (
    "fill of the last block",
    "raw values of escapes",
    "header",
    "table",
    "ranked labels",
    "prediction",
    "block heads and end",
    "lane index",
    "checksums",
    "padding",
)


class Overhead:
    """The bits of a file by purpose, without those of the payload.

    Attributes
    ----------
    lines : dict
        Item -> bits; all are there once the end was taken.
    """

    def __init__(self, file: File) -> None:
        self._file = file
        self._block: Block | None = None  # of a short file
        self.lines = dict.fromkeys(OVERHEAD, 0)
        if not file.short:
            self._add_front(file.header.sizes())

    def take(self, part: Block | End) -> None:
        """Add what a block or the end takes. In a short file all is known at the end."""
        if not self._file.short:
            self._add(part.sizes())
        elif isinstance(part, Block):
            self._block = part
        else:
            self._add_front(short_sizes(self._file.header, self._block, part))

    def _add_front(self, sizes: dict[str, int]) -> None:
        """Header and table, of which the labels of ranks and the weights of a prediction are lines of their own."""
        predicted = prediction_sizes(self._file.code.singles.of) if self._file.header.table else {}
        self._add({**sizes, **predicted, "table": sizes["table"] - sum(predicted.values())})

    def _add(self, sizes: dict[str, int]) -> None:
        for item, bits in sizes.items():
            if item != "payload":
                self.lines[item] += bits
