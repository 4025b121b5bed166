"""Packets for people: what they weigh, and where their bits go."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from codec.errors import counted
from codec.nodes.replay import POLICIES, Replay
from codec.nodes.report import PacketReport
from codec.nodes.sweep import Setting
from codec.show.console import bits, percent, table, whole


def packets_report(report: PacketReport) -> RenderableType:
    """Packets, their bytes, and a line for each channel."""
    if not report.readings:
        return Text("no reading, no packet")
    said = ", ".join(report.fingerprints)
    parts: list[RenderableType] = [
        Text(
            f"{counted(report.packets, 'packet')}, {counted(report.readings, 'reading')}, table and layout {said}\n"
            f"bytes a packet: mean {report.mean_bytes:.2f}, largest {report.largest_bytes}, "
            f"never above {report.guaranteed_bytes}; as int16 {report.int16_bytes:.2f}"
        )
    ]
    if report.bytes_per_day is not None:
        parts.append(Text(f"bytes a day: {report.bytes_per_day:,.2f}"))
    parts += ["", _channels(report), "", _purposes(report)]
    return Group(*parts)


def _channels(report: PacketReport) -> RenderableType:
    rows = [
        (
            each.name,
            whole(each.coded),
            whole(each.escaped),
            *(bits(value) for value in (each.entropy, each.huffman_mean, each.mean_length)),
        )
        for each in report.channels
    ]
    return table(("<coded", "codewords", "escapes", "H", "own Huffman code", "this table"), rows)


def _purposes(report: PacketReport) -> RenderableType:
    total = 8 * report.bytes
    channels = report.channels
    amounts = [
        ("count", report.count_bits, "how many readings"),
        ("first readings", sum(each.first_bits for each in channels), "as they are"),
        (
            "codewords",
            sum(each.codeword_bits for each in channels),
            "escapes included" if any(each.escaped for each in channels) else "of the readings",
        ),
        ("raw readings", sum(each.raw_bits for each in channels), "behind escapes"),
        ("padding", report.padding_bits, "zeros to a whole byte"),
        ("check", report.check_bits, "against damage"),
    ]
    rows = [
        (item, whole(amount), bits(amount / report.readings), percent(amount, total), why)
        for item, amount, why in amounts
        if amount
    ]
    sum_ = ("packets", whole(total), bits(report.bits_per_reading), "100 %", f"the sum = 8 × {report.bytes:,} bytes")
    return table(("<item", "bits", "a reading", "share", "<"), rows, sum_)


def sweep_report(settings: Sequence[Setting], size: int, delta: bool) -> RenderableType:
    """A line for each step."""
    rows = [
        (
            each.step,
            f"{each.largest_error:.6g}",
            f"{each.rms_error:.4g}",
            whole(each.labels),
            bits(each.entropy),
            bits(each.huffman_mean),
            str(each.raw_bits),
            f"{each.mean_bytes:.2f}",
        )
        for each in settings
    ]
    titles = ("step", "largest error", "RMS error", "labels", "H", "Huffman", "raw bits", "bytes a packet")
    coded = "differences" if delta else "readings"
    return Group(
        table(titles, rows),
        Text(
            f"\nH and Huffman in bits for each of the {coded}; packets of {counted(size, 'reading')}, each table "
            "learned from these very readings."
        ),
    )


def replay_report(found: Sequence[Replay], nodes: int, code: str) -> RenderableType:
    """A line for each policy, when and why tables were sent, and the winner."""
    first = found[0]
    rows = [
        (
            each.policy,
            f"{each.readings_bytes / each.days:,.2f}",
            f"{each.table_bytes / each.days:,.2f}",
            f"{each.bytes_per_day:,.2f}",
            whole(len(each.sent)),
            POLICIES[each.policy],
        )
        for each in found
    ]
    parts: list[RenderableType] = [
        Text(
            f"{counted(len(first.periods), 'period')}, {counted(first.days, 'day')}, {counted(nodes, 'node')}; "
            f"the first period has {code}, and a table is learned only from what came before"
        ),
        "",
        table(("<policy", "readings", "tables", "bytes a day", "tables sent", "<"), rows),
    ]
    for each in found:
        if each.policy == "verdict" and each.sent:
            parts += ["", *(Text(f"{one.period}: {one.reason}") for one in each.sent)]
    ranked = sorted(found, key=lambda each: each.bytes_per_day)
    if len(ranked) > 1:
        best, second = ranked[:2]
        gap = second.bytes_per_day - best.bytes_per_day
        parts += [
            "",
            Text(f"{best.policy} wins: {gap:,.2f} bytes a day less than {second.policy} "
                 f"({percent(gap, second.bytes_per_day, 2)})")
            if gap
            else Text(f"{best.policy} and {second.policy} cost the same, and nothing costs less"),
        ]  # fmt: skip
    return Group(*parts)
