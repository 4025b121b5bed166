"""What months of packets would have cost under each policy of sending fresh tables to the nodes.

Everything is held out: a period is packed with a table that was learned before it began. A fresh table is judged by,
and learned from, the period before; or as many periods before as together have 300 readings, below which an audit
cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.coding.learn import distribution_of
from codec.files.made import Made
from codec.measure.held_out import held_out
from codec.measure.mismatch import LEAST_READINGS
from codec.measure.retrain import retrained
from codec.measure.verdict import verdict_on
from codec.nodes.layout import NodeTable
from codec.nodes.packet import packed
from codec.nodes.units import stream_of
from codec.readings.stream import Stream
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction

POLICIES = {
    "keep": "the table given, for ever",
    "verdict": "a fresh table where an audit says so",
    "always": "a fresh table for each period",
}
Readings = Mapping[str, Sequence[tuple[str, NDArray[np.int64]]]]  # of each node: periods, and multiples of the step


@dataclass(frozen=True)
class Sent:
    """A fresh table: before which period, why, its bytes for all nodes, and its fingerprint."""

    period: str
    reason: str
    bytes: int
    fingerprint: str


@dataclass(frozen=True)
class Replay:
    """What a policy would have cost, all nodes together.

    Attributes
    ----------
    policy : str
    days : int
    readings_bytes : int
        Of all packets.
    table_bytes : int
        Of all tables sent, as a file carries them.
    periods : tuple of (period, bytes of its packets)
    sent : tuple of Sent
    """

    policy: str
    days: int
    readings_bytes: int
    table_bytes: int
    periods: tuple[tuple[str, int], ...]
    sent: tuple[Sent, ...]

    @property
    def bytes_per_day(self) -> float:
        """Readings and tables."""
        return (self.readings_bytes + self.table_bytes) / self.days


def replay(readings: Readings, table: NodeTable, size: int, policy: str, days: int, made: Made | None = None) -> Replay:
    """Pack all periods in order, and send fresh tables as the policy says.

    Parameters
    ----------
    readings : mapping node -> list of (period, int64 array)
    table : NodeTable
        Learned before the first period.
    size : int
        Readings in a packet; a packet ends with its period.
    policy : str
        One of POLICIES.
    days : int
    made : Made, optional
        How the table was made, and fresh ones are to be.

    Raises
    ------
    CodecError
        If a reading cannot be packed; the message names the policy, the period and the node.

    Examples
    --------
    >>> from codec.nodes.layout import node_table
    >>> table = node_table(PrefixCode.from_lengths([1, 2], [1, 1]))
    >>> months = {"a": [("2021-01", np.array([1, 1, 2] * 80)), ("2021-02", np.array([1, 2] * 80))]}
    >>> found = replay(months, table, 8, "keep", 59)
    >>> found.readings_bytes, found.table_bytes, found.sent
    (50, 0, ())
    """
    if policy not in POLICIES:
        raise ValueError(f"a policy is one of {', '.join(POLICIES)}, not {policy!r}")
    of, code = table.code.alphabet.of, table.code
    table = NodeTable(_marked(code, None), table.layout)  # what is coded is at hand: an audit is to look at that
    names = sorted({name for periods in readings.values() for name, _ in periods})
    seen: list[NDArray[np.int64]] = []  # what was coded, period by period
    periods, sent = list[tuple[str, int]](), list[Sent]()
    for name in names:
        if seen:
            code, reason = _next(table, _latest(seen), policy, made, len(readings))
            if code != table.code:
                table = NodeTable(code, table.layout)
                told = NodeTable(_marked(code, of), table.layout)
                sent.append(Sent(name, reason, len(told.code.serialized) * len(readings), told.fingerprint))
        whole, parts = 0, [np.zeros(0, np.int64)]
        for node, units in _of(readings, name):
            where = ", ".join([policy, name, *[f"node {node}"] * (len(readings) > 1)])
            stream = stream_of(Labels("int", units, table.code.alphabet.step), where)
            whole += sum(map(len, packed(stream, table, size)))
            parts.append(np.diff(units) if table.layout.differences else units)
        seen.append(np.concatenate(parts))
        periods.append((name, whole))
    return Replay(
        policy,
        days,
        sum(size for _, size in periods),
        sum(each.bytes for each in sent),
        tuple(periods),
        tuple(sent),
    )


def _marked(code: PrefixCode, of: Prediction | None) -> PrefixCode:
    """The same code, said to be of this."""
    return replace(code, alphabet=code.alphabet.marked(of))


def _of(readings: Readings, period: str) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each node that has readings in a period, and these."""
    for node, periods in readings.items():
        for name, units in periods:
            if name == period and len(units):
                yield node, units


def _latest(seen: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """What was coded in the last period, and in so many before it that an audit can tell."""
    start, held = len(seen) - 1, len(seen[-1])
    while start and held < LEAST_READINGS:
        start -= 1
        held += len(seen[start])
    return np.concatenate(seen[start:])


def _next(
    table: NodeTable, coded: NDArray[np.int64], policy: str, made: Made | None, nodes: int
) -> tuple[PrefixCode, str]:
    """The code of the next period, and why it is another one."""
    if policy == "keep" or not len(coded):
        return table.code, ""
    stream = stream_of(Labels("int", coded, table.code.alphabet.step))
    p = distribution_of(stream)
    fresh = retrained(p, table.code, made)
    if policy == "always":
        return fresh, POLICIES[policy]
    verdict, reason = _verdict(stream, p, table, 8 * len(fresh.serialized) * nodes)
    return (fresh if verdict == "retrain" else table.code), reason


def _verdict(stream: Stream, p: Distribution, table: NodeTable, table_bits: int) -> tuple[str, str]:
    """The verdict of an audit, at the prices of packets: of raw readings, and of a table for each node."""
    code, raw_bits = table.code, table.layout.raw_bits
    own = code.lengths_at(p.labels)
    known = own > 0
    missing = 0 if code.has_escape else int(p.weights[~known].sum())
    lost = int(np.count_nonzero(code.lengths)) - int(known.sum()) if code.has_escape else None
    costs = np.where(known, own, code.escape_length + raw_bits)
    found = held_out(stream, p, None if missing else costs, known, lost, raw_bits)
    return verdict_on(int(p.weights.sum()), missing, found, table_bits)[:2]
