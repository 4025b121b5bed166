"""An audit for people: what the old table costs, why, since when, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from codec.errors import counted
from codec.measure.audit import Audit
from codec.measure.windows import Window
from codec.show.console import bits, label_text, percent, shortened, table, whole
from codec.show.memory import memory_lines

CULPRITS = 10
_CHART_WIDTH = 20
_BAR_WIDTH = 24


def audit_report(audit: Audit, stream: str, code: str) -> RenderableType:
    """The whole audit."""
    first = "" if audit.first_unseen is None else f" (the first: {shortened(label_text(audit.first_unseen))})"
    parts: list[RenderableType] = [
        Text(f"{audit.verdict.upper()}: {audit.reason}.", style="bold"),
        Text(
            f"{stream}: {counted(audit.count, _one(audit), audit.coded)}, "
            f"{audit.unseen:,} of them without a codeword in {code}{first}"
        ),
        *(Text(note) for note in _notes(audit)),
        Text(f"\nwhat a reading costs, in bits{_of(audit)}"),
        _costs(audit),
    ]
    if audit.split is not None and audit.extra is not None:
        parts += [Text("\nwhere the extra bits come from, exactly"), split_table(audit.split, audit.coded)]
    if audit.culprits:
        parts += [Text(f"\nthe {audit.coded} to blame: p (l_old − l_fresh)"), _culprits(audit)]
    parts += [Text("\na fresh table"), _break_even(audit)]
    if len(audit.windows) > 1:
        parts.append(Text("\nunder the old table, window by window (too short: below ten readings per label)"))
        parts.append(_drift(audit.windows, _one(audit) + "s"))
    parts += [Text("\nwhat a reading tells of the next"), memory_lines(audit.memory, audit.count, audit.coded)]
    return Group(*parts)


def _one(audit: Audit) -> str:
    """A short name of what the table is of, for one of it."""
    return {"readings": "reading", "differences": "difference"}.get(audit.coded, audit.coded.split()[0].rstrip("s"))


def _of(audit: Audit) -> str:
    return "" if audit.coded == "readings" else f"; readings are coded as {audit.coded}"


def _notes(audit: Audit) -> list[str]:
    notes = []
    if audit.entropy_underestimated:
        notes.append("fewer than ten readings per label: the stream's own entropy is an underestimate")
    if audit.gaps:
        notes.append(f"{counted(audit.gaps, 'gap is', 'gaps are')} among them, left out of the entropy of numbers")
    ways = None if audit.memory is None else audit.memory.ways
    if ways is not None and ways["delta"] is not None:
        plain = f"as they are {bits(ways['plain'])}"
        notes.append(f"as differences (--delta) {bits(ways['delta'])} bits a reading, table and all; {plain}")
    if audit.covered is not None:
        notes.append("the table has no escape: it cannot code this stream, and its extra bits have no number")
    return notes


def _costs(audit: Audit) -> RenderableType:
    held = audit.held_out
    rows = [
        (f"entropy of these {audit.coded}", bits(audit.entropy), f"no code for single {audit.coded} does better"),
        ("fresh Huffman code for them", bits(audit.fresh_mean_length), f"fitted to these very {audit.coded}"),
        ("fresh code, held out", bits(audit.fresh_held_out_mean_length), "learned on one half, measured on the other"),
        (
            "fresh code, alternating",
            bits(None if held is None else held.alternating),
            "learned on every other 30th of the stream",
        ),
        ("old table", bits(audit.old_mean_length), ""),
        ("extra: old − fresh", bits(audit.extra), ""),
    ]
    if held is not None:
        intervals = (
            ("old − held out, 95 %", held.saved, "30 batch means"),
            ("old − alternating, 95 %", held.saved_alternating, "season and all in both parts"),
            ("held out − alternating, 95 %", held.moved, "above 0: the halves differ"),
        )
        rows += [(title, f"{bits(it[0])} … {bits(it[1])}", note) for title, it, note in intervals if it]
    if audit.covered is not None and audit.covered["count"]:
        covered = audit.covered
        lengths = f"{bits(covered['old_mean_length'])} : {bits(covered['fresh_mean_length'])}"
        rows.append((f"covered readings alone ({covered['count']:,})", lengths, "old : fresh"))
    if audit.learning_cost_measured is not None:
        measured = bits(audit.learning_cost_measured, 5)
        note = f"predicted for an ideal code (add-½): {bits(audit.learning_cost_predicted, 5)}"
        rows.append(("cost of learning from half", measured, note))
    return table(("<", "", "<"), rows)


def split_table(terms: Sequence[tuple[str, float]], coded: str) -> RenderableType:
    """The terms of the extra bits, and their sum."""
    explained = {
        "shape": f"the {coded} come in other proportions",
        "codewords never used": f"for {coded} that do not come",
        "holes": "prefixes that no codeword uses",
        "escapes": "raw values, above what the unseen readings are worth",
        "the fresh code's own redundancy": "it rounds to whole bits too",
    }
    rows = [(item, bits(amount), explained[item]) for item, amount in terms]
    return table(("<", "bits", "<"), rows, ("extra", bits(sum(amount for _, amount in terms)), "the sum"))


def _culprits(audit: Audit) -> RenderableType:
    shown = audit.culprits[:CULPRITS]
    most = max((culprit.bits for culprit in shown), default=0)
    rows = []
    for culprit in shown:
        name, share = shortened(label_text(culprit.spelling)), percent(culprit.probability, 1, 2)
        lengths = str(culprit.old_length), str(culprit.fresh_length)
        rows.append((name, share, *lengths, bits(culprit.bits), _bar(culprit.bits, most, _BAR_WIDTH)))
    shown_table = table((_one(audit), "share", "old", "fresh", "bits", "<"), rows)
    left = len(audit.culprits) - len(shown)
    return Group(shown_table, Text(f"... and {left:,} more")) if left > 0 else shown_table


def _break_even(audit: Audit) -> RenderableType:
    rows = [("its table", counted(audit.table_bits, "bit"), "")]
    if audit.break_even_readings is None or not audit.saves:
        rows.append(("breaks even", *_never(audit)))
    else:
        days = "" if audit.break_even_days is None else f"; {counted(audit.break_even_days, 'day')}"
        at = f"at {bits(audit.extra)} extra bits each{days}"
        rows.append(("breaks even after", counted(audit.break_even_readings, "reading"), at))
    if audit.bytes_per_day is not None:
        price = f"{counted(round(audit.bytes_per_day, 1), 'byte')} a day"
        rows.append(("the old one costs", price, f"at {counted(audit.per_day or 0, 'reading')} a day"))
    return table(("<", "", "<"), rows)


def _never(audit: Audit) -> tuple[str, str]:
    if audit.extra is None:
        return "at once", "the old table cannot code this stream"
    return "never", "no one table serves" if audit.verdict == "moving" else "the old table is as good as new"


def _drift(windows: tuple[Window, ...], coded: str) -> RenderableType:
    most = max((window.mean_length for window in windows if window.mean_length is not None), default=0.0)
    rows = []
    for window in windows:
        above = "too short" if window.too_short else bits(window.excess)
        chart = "cannot be coded" if window.mean_length is None else _bar(window.mean_length, most, _CHART_WIDTH)
        numbers = (
            window.period or whole(window.start),
            whole(window.count),
            whole(window.unseen),
            bits(window.mean_length),
            above,
        )
        rows.append((*numbers, chart))
    return table(("from", coded, "unseen", "mean length", "above entropy", "<"), rows)


def _bar(amount: float, most: float, width: int) -> str:
    """A bar of eighths of a character.

    >>> _bar(1, 1, 2), _bar(0.5, 1, 1), _bar(-1, 1, 2)
    ('██', '▌', '')
    """
    if amount <= 0 or most <= 0:
        return ""
    eighths = round(8 * width * min(1.0, amount / most))
    return "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8].strip())
