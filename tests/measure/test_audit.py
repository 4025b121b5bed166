"""The audit of an old table: an exact split, an honest verdict, a break-even that files of bytes confirm."""

from __future__ import annotations

import heapq
import io
import json
import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
import strategies
from bitarray.util import huffman_code
from checks import each_engine, how
from hypothesis import assume
from hypothesis import strategies as st
from scipy import stats

import codec
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.standard import NAMES, standard
from codec.coding import encode, write
from codec.errors import MissingCodewordError, StreamError
from codec.measure.ledger import ledger
from codec.measure.memory import memory
from codec.readings.front import open_stream
from codec.readings.values import from_values
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels
from codec.theory.sources import built_in, station

ITEMS = ["shape", "codewords never used", "holes", "escapes", "the fresh code's own redundancy"]


def text(raw, column=None):
    return open_stream(io.BytesIO(raw), "readings", column)


def stream_of(kind, readings):
    """The readings as a stream of this kind."""
    if kind == "text":
        return text("".join(f"{r}\n" for r in readings).encode())
    if kind == "column":
        return text(("a,b\n" + "".join(f"x,{r}\n" for r in readings)).encode(), "b")
    return from_values({"array": np.array, "bytes": bytes, "strings": list}[kind](readings))


each_kind = pytest.mark.parametrize("kind", ["array", "text", "column", "bytes", "strings"])


def check_json(report):
    """The report as strict JSON, with the keys promised."""
    fields = json.loads(json.dumps(as_json(report), allow_nan=False))
    assert set(fields) == {
        *("coded", "gaps", "count", "unseen", "first_unseen", "entropy", "entropy_underestimated", "old_mean_length"),
        *("fresh_mean_length", "fresh_held_out_mean_length", "extra", "extra_interval", "held_out", "split", "covered"),
        *("learning_cost_predicted", "learning_cost_measured", "culprits", "table_bits", "break_even_readings"),
        *("per_day", "break_even_days", "bytes_per_day", "windows", "since", "saves", "memory", "verdict", "reason"),
    }
    assert fields["verdict"] in ("keep", "retrain", "moving") and fields["reason"]
    if fields["split"] is not None:
        assert [set(item) for item in fields["split"]] == [{"item", "bits"}] * 5
        assert [item["item"] for item in fields["split"]] == ITEMS
        assert abs(math.fsum(item["bits"] for item in fields["split"]) - fields["extra"]) < 1e-9
    for culprit in fields["culprits"]:
        assert set(culprit) == {"spelling", "probability", "old_length", "fresh_length", "bits"}
    for window in fields["windows"]:
        assert set(window) == {"start", "count", "unseen", "mean_length", "excess", "too_short", "period"}
    if fields["memory"] is not None:
        figures = {"bits_per_reading", "shuffled_mean", "shuffled_deviation"}
        assert set(fields["memory"]) == figures | {"count", "tells", "found", "z_score", "at_least", "at_most", "ways"}
        assert set(fields["memory"]["ways"]) == {"plain", "delta", "context", "block 2"}
        assert all((fields["memory"][key] is not None) == fields["memory"]["tells"] for key in figures)
    assert (fields["memory"] is None) == (fields["count"] < 2)
    assert math.isfinite(fields["entropy"])
    return fields


# the split, from its definitions


def log2(x):
    return math.log2(x.numerator) - math.log2(x.denominator)


def entropy_of(counts):
    total = sum(counts)
    return -math.fsum(c / total * math.log2(c / total) for c in counts if c)


def split_by_hand(readings, code, raw):
    """Old mean, fresh mean and the five terms, from exact fractions; `raw` tells the bits of a raw value."""
    counts, n = Counter(readings), len(readings)
    lengths = dict(zip(code.alphabet, code.lengths.tolist(), strict=True))
    unseen = [x for x in counts if not lengths.get(x)]
    kraft = sum(Fraction(1, 2 ** int(l)) for l in code.all_lengths if l)
    lumped = {x: Fraction(c, n) for x, c in counts.items() if x not in unseen}
    r = {x: Fraction(1, 2 ** lengths[x]) / kraft for x in lumped}
    escapes = 0.0
    if unseen:
        share = Fraction(sum(counts[x] for x in unseen), n)
        lumped["escape"], r["escape"] = share, Fraction(1, 2**code.escape_length) / kraft
        mean_raw = sum(counts[x] * raw(x) for x in unseen) / sum(counts[x] for x in unseen)
        escapes = float(share) * (mean_raw - entropy_of([counts[x] for x in unseen]))
    used = sum(r.values())
    if len(counts) == 1:
        fresh = n
    else:
        words = huffman_code(counts)
        fresh = sum(c * len(words[x]) for x, c in counts.items())
    old = sum(c * (lengths.get(x) or code.escape_length + raw(x)) for x, c in counts.items())
    terms = {
        "shape": math.fsum(float(p) * log2(p / (r[x] / used)) for x, p in lumped.items()),
        "codewords never used": -log2(used),
        "holes": -log2(kraft),
        "escapes": escapes,
        "the fresh code's own redundancy": entropy_of(counts.values()) - fresh / n,
    }
    return old / n, fresh / n, terms


def check_split(report, readings, code, raw=lambda _: 64):
    old, fresh, terms = split_by_hand(readings, code, raw)
    assert report.old_mean_length == old and report.fresh_mean_length == fresh
    assert report.extra == old - fresh >= 0
    assert report.split is not None and [item for item, _ in report.split] == ITEMS
    for item, bits in report.split:
        assert abs(bits - terms[item]) < 1e-9, item
    assert abs(math.fsum(bits for _, bits in report.split) - report.extra) < 1e-9
    assert all(bits > -1e-9 for item, bits in report.split if item not in ("escapes", ITEMS[-1]))
    assert math.isclose(report.entropy, entropy_of(Counter(readings).values()), abs_tol=1e-12)
    check_json(report)


@strategies.tried(300, strategies.feasible_lengths(2, 12), st.booleans(), st.data())
def test_the_split_is_what_its_terms_say_and_sums_to_the_extra_bits(lengths, escape, data):
    """Tables complete and incomplete, with labels of no codeword, with an escape or without; readings unseen or not."""
    if escape:
        assume(lengths[-1] and any(lengths[:-1]))
        code = PrefixCode.from_lengths(range(len(lengths) - 1), lengths[:-1], lengths[-1])
    else:
        code = PrefixCode.from_lengths(range(len(lengths)), lengths)
    beyond = data.draw(st.sampled_from([0, 3]))
    readings = data.draw(st.lists(st.integers(0, len(lengths) - 1 + beyond), min_size=1, max_size=60))
    report = codec.audit(readings, code)
    seen = {label for label, length in zip(code.alphabet, code.lengths, strict=True) if length}
    unseen = [x for x in readings if x not in seen]
    assert (report.count, report.unseen) == (len(readings), len(unseen))
    assert report.first_unseen == (str(unseen[0]) if unseen else None)
    if unseen and not escape:
        assert report.extra is report.split is report.old_mean_length is report.break_even_readings is None
        assert report.verdict == "retrain"
        check_json(report)
    else:
        assert report.covered is None
        check_split(report, readings, code)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("escape", [False, True])
def test_the_split_of_the_standard_tables(name, escape):
    """Those of JPEG are incomplete by one word of their longest length, which an escape can take."""
    code = standard(name)
    if escape and code.kraft_sum() == 1:
        code = PrefixCode.from_lengths(code.alphabet, np.where(code.lengths > 0, code.lengths + 1, 0), 1)
    elif escape:
        code = PrefixCode.from_lengths(code.alphabet, code.lengths, int(code.lengths.max()))
    random = np.random.default_rng(7)
    labels = np.array(list(code.alphabet))
    readings = labels[np.minimum(random.geometric(0.1, 5000) - 1, len(labels) - 1)]
    if escape:
        readings[random.random(5000) < 0.02] = 1000 + random.integers(0, 5)
        readings[:3] = [2000, 3000, 2000]
    report = codec.audit(readings, code)
    check_split(report, readings.tolist(), code)
    holes = dict(report.split or ())["holes"]
    assert (holes > 0) == (name.startswith("jpeg") and not escape)
    assert (dict(report.split or ())["escapes"] > 0) == escape


def test_hpack_on_english_pays_most_of_its_extra_bits_for_codewords_never_used():
    """MacKay's letters, over bytes, each as often as its weight says (10,002 in all): the expectation is exact."""
    letters = built_in("letters")
    weights = letters.weights.tolist()
    readings = bytes(ord(x) for x, w in zip(letters.labels, weights, strict=True) for _ in range(w))
    assert len(readings) == 10_002
    report = codec.audit(readings, standard("hpack"))
    check_split(report, list(readings), standard("hpack"))
    terms = dict(report.split or ())
    # 1.51 bits above the entropy; 1.48 above the fresh Huffman code, which rounds too.
    assert round(report.old_mean_length - report.entropy, 2) == 1.51 and round(report.extra, 2) == 1.48
    assert round(terms["codewords never used"], 2) == 1.09
    assert terms["holes"] == terms["escapes"] == 0
    lengths = {byte: len(word) for byte, word in standard("hpack").codewords.items()}
    used = sum(Fraction(1, 2 ** lengths[ord(x)]) for x in letters.labels)
    assert math.isclose(terms["codewords never used"], -log2(used))
    drawn = bytes(ord(x) for x in letters.sample(20_000, 3).tolist())
    report = codec.audit(drawn, standard("hpack"))
    assert dict(report.split or ())["codewords never used"] == terms["codewords never used"]  # all letters occur
    assert report.verdict == "retrain"
    # The mean of 20,000 code lengths, within 5 standard errors of its expectation.
    spread = np.array([lengths[byte] for byte in drawn]).std()
    assert abs(report.old_mean_length - (4.1089 + 1.51)) < 5 * spread / math.sqrt(20_000) + 0.01
    assert codec.audit(drawn, standard("deflate-fixed")).verdict == "retrain"


def test_a_text_and_an_array_differ_in_the_cost_of_raw_values_alone():
    code = PrefixCode.from_lengths(Labels("int", np.array([24, 25, 26]), "0.1"), [1, 2, 3], 3)
    tokens = ["2.4"] * 50 + ["2.5"] * 20 + ["n/a"] * 5 + ["-17.3", "", "2.60"]
    strings = PrefixCode.from_lengths(code.alphabet.spellings, code.lengths, 3)
    for stream in (text("".join(f"{t}\n" for t in tokens).encode()),
                   text(("t,c\n" + "".join(f"1,{t}\n" for t in tokens)).encode(), "c")):  # fmt: skip
        report = codec.audit(stream, code)
        check_split(report, tokens, strings, lambda token: 16 + 8 * len(token))
        assert (report.unseen, report.first_unseen) == (8, "n/a")
    check_split(codec.audit(tokens, strings), tokens, strings, lambda token: 16 + 8 * len(token))


def test_the_first_unseen_reading_is_the_first_of_the_stream_and_not_of_the_alphabet():
    code = PrefixCode.from_lengths([100, 105], [1, 2], 2)
    assert codec.audit([100, 105, 9, 3, 100], code).first_unseen == "9"
    assert codec.audit(text(b"100\n7\n105\n1\n"), code).first_unseen == "7"
    assert codec.audit(text(b"100\nz\na\n"), PrefixCode.from_lengths([100, 105], [1, 2])).first_unseen == "z"


def test_the_readings_to_blame_are_ranked_and_sum_to_the_extra_bits():
    readings = built_in("nasa").sample(5000, 2).tolist() + [7] * 40
    code = huffman(built_in("winter"), None, 1)
    report = codec.audit(readings, code)
    fresh = huffman(Distribution.from_stream(readings))
    own = dict(zip(fresh.alphabet, fresh.lengths.tolist(), strict=True))
    old = {**dict(zip(code.alphabet, code.lengths.tolist(), strict=True)), 7: code.escape_length + 64}
    assert {c.label for c in report.culprits} == set(readings)
    for c in report.culprits:
        share = readings.count(c.label) / len(readings)
        assert (c.spelling, c.old_length, c.fresh_length) == (str(c.label), old[c.label], own[c.label])
        assert math.isclose(c.probability, share)
        assert math.isclose(c.bits, share * (old[c.label] - own[c.label]), abs_tol=1e-15)
    assert all(a.bits >= b.bits for a, b in pairwise(report.culprits))
    assert report.culprits[0].label == 7
    assert abs(math.fsum(c.bits for c in report.culprits) - (report.extra or 0)) < 1e-9


# unseen readings and no escape


def test_without_an_escape_unseen_readings_leave_no_extra_and_the_covered_figures_say_so():
    code = PrefixCode.from_lengths("abcd", [2, 2, 2, 0])
    readings = list("aaaabbc" * 20 + "dxd")
    report = codec.audit(readings, code, per_day=10)
    assert report.extra is report.split is report.old_mean_length is report.extra_interval is None
    assert report.break_even_readings is report.break_even_days is report.bytes_per_day is None
    assert (report.count, report.unseen, report.first_unseen) == (143, 3, "d")
    # 4 a, 2 b, 1 c: 1, 2, 2 bits, so 10 bits for 7 readings instead of 14.
    assert report.covered == {"count": 140, "old_mean_length": 2.0, "fresh_mean_length": 10 / 7}
    assert report.verdict == "retrain" and "cannot code 3 of these 143 readings" in report.reason
    assert "x" not in {c.label for c in report.culprits} and {c.label for c in report.culprits} == set("abc")
    fields = check_json(report)
    assert fields["extra"] is None and fields["split"] is None and fields["unseen"] == 3
    assert fields["covered"]["count"] == 140


def test_without_an_escape_and_with_enough_readings_the_fresh_figures_stand():
    report = codec.audit([*built_in("nasa").sample(3000, 1).tolist(), 7], built_in("nasa"))
    assert report.extra is None and report.extra_interval is None and report.verdict == "retrain"
    assert report.fresh_held_out_mean_length >= report.fresh_mean_length
    assert [w.unseen for w in report.windows][-1] == 1 and report.windows[-1].mean_length is None
    assert all(w.mean_length is not None for w in report.windows[:-1])
    check_json(report)


def test_a_table_of_other_labels_altogether():
    for count in (1, 50, 1000):
        readings = np.arange(count) % 5
        report = codec.audit(readings, PrefixCode.from_lengths([100, 105], [1, 1]))
        assert report.covered == {"count": 0, "old_mean_length": None, "fresh_mean_length": None}
        assert (report.unseen, report.culprits, report.verdict) == (count, (), "retrain")
        check_json(report)
        code = PrefixCode.from_lengths([100, 105], [1, 2], 2)
        report = codec.audit(readings, code)
        check_split(report, readings.tolist(), code)
        assert report.unseen == count and report.old_mean_length == 66
        assert report.verdict == ("retrain" if count == 1000 else "keep")


def test_an_escape_that_no_file_could_use_is_none():
    """Raw values are of the table's kind: encoding refuses, and so there is no price to give."""
    for stream, labels in ((np.array([1.5, 2.5] * 200), [1, 2]), (["a", "b"] * 200, [1, 2]), (b"ab" * 200, "ab"),
                           (np.array([1, 2] * 200), [1.0, 2.0]),
                           (Labels("int", np.array([1, 2] * 200), "0.1"), [1, 2])):  # fmt: skip
        code = PrefixCode.from_lengths(labels, [1, 2], 2)
        with pytest.raises(MissingCodewordError):
            encode(stream, code)
        report = codec.audit(stream, code)
        assert report.extra is None and report.unseen == 400 and report.verdict == "retrain"
        assert report.covered is not None and report.covered["count"] == 0
        check_json(report)


# what is measured is what a file weighs


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("escape", [None, 3])
@each_kind
def test_mean_lengths_are_the_bits_of_a_real_file(kind, escape, engine):
    p = Distribution([100, 105, 110, 7], [5, 3, 2, 0])
    readings = p.sample(700, 4).tolist()
    if escape:
        readings[5::50] = [33] * len(readings[5::50])
        readings[7::90] = [99] * len(readings[7::90])
    code = huffman(p, None, escape)
    if kind == "strings":
        code = PrefixCode.from_lengths(["é", "b", "", "x"], code.lengths, code.escape_length)
        readings = [{100: "é", 105: "b", 110: "", 33: "long one", 99: "🌡"}[r] for r in readings]
    stream = stream_of(kind, readings)
    report = codec.audit(stream, code)
    for used, mean in ((code, report.old_mean_length), (None, report.fresh_mean_length)):
        out = io.BytesIO()
        write(stream, out, used, how(engine=engine, lane_size=50, block_size=300))
        book = ledger(out.getvalue(), engine=engine)
        assert (book.payload_bits + book.lines["raw values of escapes"]) / book.count == mean
        assert (book.lines["raw values of escapes"] > 0) == bool(escape and used)
        if used is None:
            assert book.lines["table"] == report.table_bits


def test_held_out_lengths_are_of_codes_learned_on_the_other_half():
    """A 30th of the stream is a batch; add-½ as integers, 2 c + 1; 95 % by Student's t of 29 degrees of freedom."""
    readings = built_in("nasa").sample(3017, 9).tolist()
    report = codec.audit(readings, built_in("winter"))
    labels, size = sorted(set(readings)), 100
    halves = readings[: 15 * size], readings[15 * size :]
    learned = []
    for half in halves:
        counts = Counter(half)
        code = huffman(Distribution(labels, [2 * counts[x] + 1 for x in labels]))
        learned.append(dict(zip(labels, code.lengths.tolist(), strict=True)))
    held_out = [learned[1][r] for r in halves[0]] + [learned[0][r] for r in halves[1]]
    assert report.fresh_held_out_mean_length == sum(held_out) / 3017
    old = {x: len(w) for x, w in huffman(built_in("winter")).codewords.items()}
    difference = np.array([old[r] for r in readings]) - np.array(held_out)
    means = difference[: 30 * size].reshape(30, size).mean(axis=1)
    half_width = stats.t.ppf(0.975, 29) * means.std(ddof=1) / math.sqrt(30)
    assert report.extra_interval is not None
    assert np.allclose(
        report.extra_interval, [means.mean() - half_width, means.mean() + half_width], atol=2e-4 * half_width
    )
    assert report.learning_cost_measured == report.fresh_held_out_mean_length - report.fresh_mean_length


# windows


@pytest.mark.parametrize("window", [1, 7, 100, 999, 1000, 1001, 10**30, None])
def test_windows_tell_what_each_stretch_of_the_stream_costs(window):
    code = PrefixCode.from_lengths([100, 105, 110], [1, 2, 3], 3)
    readings = Distribution([100, 105, 110, 7], [60, 25, 10, 5]).sample(1000, 6).tolist()
    report = codec.audit(readings, code, window=window)
    size = min(window or -(-1000 // 24), 1000)
    starts = list(range(0, 1000, size))
    assert [w.start for w in report.windows] == starts
    assert sum(w.count for w in report.windows) == 1000 and sum(w.unseen for w in report.windows) == report.unseen
    cost = {100: 1, 105: 2, 110: 3, 7: 67}
    for w in report.windows:
        part = readings[w.start : w.start + size]
        counts = Counter(part)
        assert (w.count, w.unseen) == (len(part), counts[7])
        assert w.mean_length == sum(cost[r] for r in part) / len(part)
        corrected = entropy_of(counts.values()) + (len(counts) - 1) / (2 * len(part) * math.log(2))
        assert w.excess is not None and math.isclose(w.excess, w.mean_length - corrected, abs_tol=1e-12)
        assert w.too_short == (len(part) < 10 * len(counts))
    check_json(report)


def test_windows_of_a_text_do_not_depend_on_how_it_is_read(monkeypatch):
    raw = b"".join(b"%d\n" % r for r in built_in("nasa").sample(500, 6).tolist()) + b"n/a\n100.0\n"
    code = huffman(built_in("nasa"), None, 1)
    whole = codec.audit(text(raw), code, window=77)
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 64)
    cut = codec.audit(text(raw), code, window=77)
    assert as_json(cut) == as_json(whole) and cut.unseen == 2 and cut.first_unseen == "n/a"


def test_there_are_24_windows_unless_told_otherwise():
    assert len(codec.audit([100] * 2400, built_in("nasa")).windows) == 24
    assert len(codec.audit([100] * 5, built_in("nasa")).windows) == 5


def test_a_drifting_stream_costs_more_window_by_window():
    p, q = built_in("dyadic"), built_in("dyadic-reversed")
    readings, _ = codec.theory.sources.drifting(p, q, 24_000, 1)
    windows = codec.audit(readings, p).windows
    assert windows[0].excess is not None and windows[0].excess < 0.1 and windows[-1].excess > 4
    assert all(b.excess > a.excess for a, b in zip(windows[:-4:4], windows[4::4], strict=False))


# memory


@each_kind
def test_memory_is_measured_on_the_stream_in_its_order(kind, monkeypatch):
    """Readings unseen by the table are symbols like any other; pieces of text make no difference."""
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 64)
    symbols = np.array([0, 0, 1, 2, 2, 1], np.uint8)[np.arange(900) % 6]
    symbols[100:110] = 3
    spellings = ["100", "105", "n/a" if kind in ("text", "strings") else "3", "7"]
    tokens = [spellings[symbol] for symbol in symbols]
    readings = [int(token) for token in tokens] if kind in ("array", "bytes") else tokens
    report = codec.audit(stream_of(kind, readings), PrefixCode.from_lengths([100, 105], [1, 2], 2))
    expected = memory(symbols)
    assert report.memory is not None and expected is not None and report.memory.tells
    assert report.memory.count == 900
    assert math.isclose(report.memory.bits_per_reading, expected.bits_per_reading, rel_tol=1e-12)
    assert check_json(report)["memory"]["bits_per_reading"] == report.memory.bits_per_reading


def test_memory_stands_beside_the_sums_and_changes_none():
    """The same readings in another order: nothing that an order does not touch is touched."""
    readings, _ = codec.theory.sources.sticky(built_in("nasa"), 5000, 1, 0.9)
    remembered, sorted_out = codec.audit(readings, built_in("winter")), codec.audit(np.sort(readings), built_in("nasa"))
    shuffled = codec.audit(np.random.default_rng(1).permutation(readings), built_in("winter"))
    assert remembered.memory is not None and remembered.memory.tells
    assert sorted_out.memory is not None and sorted_out.memory.bits_per_reading > remembered.memory.bits_per_reading
    assert shuffled.memory is not None and not shuffled.memory.tells
    for field in ("entropy", "extra", "split", "culprits", "table_bits", "old_mean_length", "fresh_mean_length"):
        assert getattr(remembered, field) == getattr(shuffled, field)
    fields = check_json(shuffled)["memory"]
    assert (fields["count"], fields["tells"], fields["found"], fields["at_least"]) == (5000, False, "none", None)


@pytest.mark.slow
def test_memory_of_a_long_stream_is_that_of_its_start():
    start = np.tile(np.array([7, 8], np.uint8), 1 << 19)
    report = codec.audit(bytes(start) + bytes([9] * 5_000_000), huffman(Distribution([7, 8, 9], [1, 1, 1])))
    assert report.memory is not None and report.memory.count == 1 << 20 < report.count
    assert report.memory.tells and math.isclose(report.memory.bits_per_reading, 1, abs_tol=1e-9)


def test_where_memory_cannot_be_told_no_number_is():
    for readings in ([100], [100, 100], [100, 105], [100] * 1000):
        fields = check_json(codec.audit(readings, built_in("nasa")))
        assert fields["memory"] is None if len(readings) == 1 else not fields["memory"]["tells"]


# the verdict


def huffman_cost(p):
    """E_p[l] of the Huffman code for p: the sum of all merged weights."""
    heap = [float(x) for x in p]
    heapq.heapify(heap)
    total = 0.0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


def source(random):
    """40 probabilities: a draw from the flat Dirichlet distribution, a tenth of it spread evenly (least: 0.0025)."""
    return 0.9 * random.dirichlet(np.ones(40)) + 0.1 / 40


def learned_from(readings, escape=None):
    code = huffman(Distribution(range(40), np.bincount(readings, minlength=40)), None, escape)
    assert code.lengths.all()
    return code


def moved(p, q, lengths):
    """The mixture of p and q, as near to p as can be, on which the old lengths cost 0.05 bit too much; by bisection.

    That is the least move that must be told, chosen before any verdict was looked at.
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        mixed = (1 - middle) * p + middle * q
        low, high = (low, middle) if mixed @ lengths - huffman_cost(mixed) >= 0.05 else (middle, high)
    mixed = (1 - high) * p + high * q
    return mixed, float(mixed @ lengths) - huffman_cost(mixed)


def readings_from(p, n, random):
    return np.minimum(np.searchsorted(np.cumsum(p), random.random(n)), 39)


each_tenth = pytest.mark.parametrize("seeds", [10, pytest.param(100, marks=pytest.mark.slow)])


@pytest.mark.slow
@each_tenth
@pytest.mark.parametrize("escape", [None, 1], ids=["no escape", "an escape"])
def test_an_unchanged_source_is_kept_at_least_95_times_in_100(escape, seeds):
    verdicts = []
    for seed in range(seeds):
        random = np.random.Generator(np.random.PCG64(seed))
        p = source(random)
        old = learned_from(readings_from(p, 20_000, random), escape)
        verdicts.append(codec.audit(readings_from(p, 20_000, random), old).verdict)
    assert verdicts.count("keep") >= 0.95 * seeds, verdicts


@each_tenth
def test_an_unchanged_source_of_few_labels_is_kept_with_an_escape_too(seeds):
    verdicts = []
    for seed in range(seeds):
        old = huffman(Distribution.from_stream(built_in("nasa").sample(20_000, seed)), None, 1)
        verdicts.append(codec.audit(built_in("nasa").sample(20_000, 1000 + seed), old).verdict)
    assert verdicts.count("keep") >= 0.95 * seeds


@each_tenth
def test_a_source_that_moved_by_a_20th_of_a_bit_is_retrained_at_least_95_times_in_100(seeds):
    verdicts = []
    for seed in range(seeds):
        random = np.random.Generator(np.random.PCG64(1000 + seed))
        p, q = source(random), source(random)
        old = learned_from(readings_from(p, 20_000, random))
        here, extra = moved(p, q, old.lengths)
        assert 0.05 <= extra < 0.0501
        verdicts.append(codec.audit(readings_from(here, 20_000, random), old).verdict)
    assert verdicts.count("retrain") >= 0.95 * seeds, verdicts


def test_a_table_that_fits_the_stream_itself_is_no_reason_to_retrain():
    """The stream's own code is better on it than any learned elsewhere: that is fitting, not drift."""
    readings = built_in("geometric").sample(2000, 3)
    other = huffman(Distribution.from_stream(readings).smoothed(Fraction(1, 2)))
    report = codec.audit(readings, other)
    assert report.extra is not None and report.extra >= 0 and report.verdict == "keep"


def test_a_saving_that_does_not_pay_for_its_table_within_the_stream_is_kept():
    labels = [f"a label of some length, number {i}" for i in range(8)]
    old = PrefixCode.from_lengths(labels, [3] * 8)
    p = Distribution(labels, [9, 4, 3, 3, 3, 3, 3, 3])
    short, long = (codec.audit(p.sample(n, 1).tolist(), old) for n in (2_000, 200_000))
    for report in (short, long):
        assert report.extra_interval is not None and report.extra_interval[0] > 0
        assert report.break_even_readings == math.ceil(report.table_bits / report.extra)
    assert short.break_even_readings > 2_000 and short.verdict == "keep" and "earn" in short.reason
    assert long.break_even_readings < 200_000 and long.verdict == "retrain"


# break-even


def saved_bits(readings, old, fresh):
    """Bits that the fresh table saves, with its own in the file."""
    one_lane = {"lane_size": 1 << 24, "block_size": 1 << 24}
    return 8 * (len(encode(readings, old, False, **one_lane)) - len(encode(readings, fresh, True, **one_lane)))


def bound(n, s):
    return 7 + 5 * s * math.sqrt(n + n * n / 20_000)


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(12))
def test_break_even_is_where_files_written_both_ways_weigh_the_same(seed):
    """On a second stream of the same source, of n readings, with T bits of table and N readings audited:

    |8 (bytes by the old table - bytes by the fresh one) - (n extra - T)| <= 7 + 5 s sqrt(n + n^2 / N),

    s the standard deviation of l_old - l_fresh of a reading: two paddings, and five standard errors, of the second
    stream and of `extra` itself. Where n extra - T exceeds that bound, the sign of the difference is certain.
    """
    random = np.random.Generator(np.random.PCG64(2000 + seed))
    p, q = source(random), source(random)
    old = learned_from(readings_from(p, 20_000, random))
    here, _ = moved(p, q, old.lengths)
    audited = readings_from(here, 20_000, random)
    report = codec.audit(audited, old)
    fresh = huffman(report.distribution)
    t, extra = report.table_bits, report.extra
    assert extra is not None and t == 8 * len(fresh.serialized)
    even = report.break_even_readings
    assert even == math.ceil(t / extra)
    s = (old.lengths[audited] - fresh.lengths[audited]).std()

    below = next(n for n in range(even, 0, -10) if t - n * extra > bound(n, s))
    above = next(n for n in range(even, 100 * even, 10) if n * extra - t > bound(n, s))
    second = readings_from(here, above, random)
    saved = {n: saved_bits(second[:n], old, fresh) for n in (below, even, above)}
    assert all(abs(bits - (n * extra - t)) <= bound(n, s) for n, bits in saved.items())
    assert saved[below] < 0 < saved[above]


def test_break_even_counts_raw_values_too():
    """One reading in 50 is unseen; the same bound."""
    random = np.random.Generator(np.random.PCG64(5))
    old = huffman(Distribution([0, 1, 2, 3], [4, 2, 1, 1]), None, Fraction(1, 10))
    p = [0.49, 0.25, 0.125, 0.115, 0.015, 0.005]
    audited, second = (random.choice(6, n, p=p) for n in (20_000, 3000))
    report = codec.audit(audited, old, per_day=100)
    fresh = huffman(report.distribution)
    costs = np.append(old.lengths, [old.escape_length + 64] * 2)
    s = (costs[audited] - fresh.lengths[audited]).std()
    for n in (report.break_even_readings, 3000):
        predicted = n * report.extra - report.table_bits
        assert abs(saved_bits(second[:n], old, fresh) - predicted) <= bound(n, s)
    assert report.break_even_days == report.break_even_readings / 100
    assert report.bytes_per_day == report.extra * 100 / 8


def test_a_table_that_is_as_good_never_breaks_even():
    report = codec.audit([1, 1, 2] * 200, PrefixCode.from_lengths([1, 2], [1, 1]), per_day=24)
    assert (report.extra, report.break_even_readings, report.break_even_days) == (0, None, None)
    assert (report.bytes_per_day, report.verdict) == (0, "keep")


# bad and odd input


def test_an_empty_stream_is_refused():
    for stream in ([], np.zeros((0, 3)), b"", "", text(b""), text(b"a,b\n", "b")):
        with pytest.raises(StreamError, match="is empty: there is nothing to audit"):
            codec.audit(stream, built_in("nasa"))


def test_a_constant_stream():
    for count, length in product((1, 2, 29, 30, 31, 299, 300, 329, 359, 1000), (1, 3, 32)):
        code = PrefixCode.from_lengths([100, 105], [length, 1])
        report = codec.audit([100] * count, code, per_day=5)
        check_split(report, [100] * count, code)
        assert report.entropy == 0 and report.fresh_mean_length == 1 and report.extra == length - 1
        assert report.learning_cost_predicted == 0
        if count < 300:
            assert report.extra_interval is None and report.verdict == "keep" and "too few" in report.reason
        else:
            assert report.extra_interval == (length - 1, length - 1)
            assert report.verdict == ("retrain" if length > 1 else "keep")


@pytest.mark.slow
def test_few_readings_give_numbers_or_nothing_and_no_warning():
    tables = (built_in("winter"), huffman(built_in("peaked"), None, 1), PrefixCode.from_lengths([100], [1]))
    options = ({}, {"window": 1}, {"window": 10**9}, {"per_day": 1}, {"per_day": 10**12})
    for count, more, old in product((*range(1, 8), 31, 299, 300, 301, 329, 359, 899), options, tables):
        report = codec.audit(built_in("nasa").sample(count, count), old, **more)
        fields = check_json(report)
        if count < 300:
            assert fields["fresh_held_out_mean_length"] is fields["extra_interval"] is None
            assert fields["learning_cost_measured"] is None
            assert report.verdict == "keep" or report.extra is None
        else:
            assert fields["fresh_held_out_mean_length"] >= fields["fresh_mean_length"]
        few = count < 10 * len({c.spelling for c in report.culprits})
        assert report.extra is None or report.entropy_underestimated == few


def test_wrong_arguments_are_refused():
    for name, value in product(("window", "per_day"), (0, -1)):
        with pytest.raises(ValueError, match=f"{name} is a number of readings, at least 1, not {value}"):
            codec.audit([100], built_in("nasa"), **{name: value})
    with pytest.raises(ValueError, match="per_day"):
        codec.audit([100, 105] * 200, built_in("winter"), per_day=10**400)
    with pytest.raises(ValueError, match="codewords of 33 bits"):
        codec.audit([0], PrefixCode.from_lengths([0, 1], [1, 33]))
    for code in (None, 5, "ab"):
        with pytest.raises(TypeError, match="a code is wanted"):
            codec.audit([1, 2], code)  # type: ignore[arg-type]


def test_labels_of_every_kind_can_be_audited():
    for stream in (np.array([0.5, -0.0, 0.0, np.nan] * 80), np.array([b"a", b"\xff"] * 200), "é\udcff\ud800a" * 90,
                   np.array(["NaT", "2021-01-01"] * 200, "M8[D]"), [2**64 - 1, 0] * 200, b"abracadabra" * 40,
                   text(b"1.5\n\xff\n\n" * 120)):  # fmt: skip
        stream = from_values(stream) if not hasattr(stream, "pieces") else stream
        learned = huffman(Distribution(*codec.readings.stream.tally_stream(stream)))
        report = codec.audit(stream, learned)
        check_json(report)
        assert (report.extra, report.unseen, report.verdict) == (0, 0, "keep")
        some = PrefixCode.from_lengths(learned.alphabet.take(np.array([0])), [1], 1)
        report = codec.audit(stream, some)
        check_json(report)
        assert report.extra > 0 and report.unseen > 0


def test_a_distribution_stands_for_its_huffman_code():
    readings = built_in("nasa").sample(1000, 1)
    q = built_in("winter")
    assert as_json(codec.audit(readings, q)) == as_json(codec.audit(readings, huffman(q)))


def test_the_second_year_of_the_station_is_dearer_under_the_table_of_the_first():
    readings, _ = station()
    first, second = readings.take(np.arange(8760)), readings.take(np.arange(8760, 17520))
    code = huffman(Distribution.from_stream(first), None, 1)
    report = codec.audit(second, code)
    seen = set(first.values.tolist())
    unseen = [k for k in second.values.tolist() if k not in seen]
    assert report.unseen == len(unseen) > 0
    assert report.first_unseen == second.take(np.array([second.values.tolist().index(unseen[0])])).spellings[0]
    assert dict(report.split)["escapes"] > 0 and report.verdict == "retrain"
    check_json(report)


def test_draws_of_decimals_are_labels_of_their_distribution():
    p = Distribution(Labels("int", np.array([2050, 2100, 2200]), "0.01"), [2, 1, 1])
    draws = p.sample(900, seed=1)
    report = codec.audit(draws, p)
    assert (report.unseen, report.extra, report.verdict) == (0, 0, "keep")
    assert report.distribution.labels.spellings == ["20.50", "21.00", "22.00"]
