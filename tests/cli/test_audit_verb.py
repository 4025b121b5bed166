"""`codec audit`, and the tables it is about: `table --smooth`, `table --escape`, the standards' tables by name."""

import json
import math
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import pytest
from bitarray.util import huffman_code
from command_line import fields, files, good, lines, misused, refused, screen, table_file, write_lines

import codec
from codec.codes.standard import standard
from codec.show.as_json import as_json
from codec.theory.sources import built_in, sticky

STATION = Path(codec.__file__).resolve().parent.parent / "samples" / "station.csv"
ENGLISH = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of "
    "foolishness, it was the epoch of belief, it was the epoch of incredulity. "
) * 5
AUDIT_S = ("audit", "s.txt", "--code")


@pytest.fixture
def old(here):
    """A table for 100 and 105, with an escape."""
    good("table", write_lines("train.txt", *[100] * 60, *[105] * 40), "--escape", "-o", "old.json")
    return "old.json"


def items_of(book):
    return {line["item"]: line["bits"] for line in book["ledger"]}


def test_last_years_table_is_audited_on_this_years_data_and_retrained(here):
    header, *rows = STATION.read_text().splitlines()
    for name, part in (("first.csv", rows[:8760]), ("second.csv", rows[8760:])):
        write_lines(name, header, *part)
    first, cells = ([row.split(",")[1] for row in part] for part in (rows[:8760], rows[8760:]))
    column, before = ["--column", "temperature"], files(here)
    good("table", "first.csv", *column, "--escape", "-o", "old.json")
    arguments = ["audit", "second.csv", *column, "--code", "old.json", "--per-day", 24]
    text = screen(*arguments)
    assert files(here) == sorted([*before, "old.json"])
    result = fields(*arguments, "--retrain", "new.json")
    unseen = [t for t in cells if t not in set(first)]
    assert (result["count"], result["unseen"], result["first_unseen"]) == (8760, len(unseen), unseen[0])
    assert abs(math.fsum(part["bits"] for part in result["split"]) - result["extra"]) < 1e-9
    assert result["verdict"] == "retrain" and text.startswith("RETRAIN: ")
    for number in (f"{result['extra']:.4f}", f"{result['break_even_readings']:,}", f"{len(unseen):,} of them",
                   f"the first: {unseen[0]}", f"{result['table_bits']:,} bits", result["culprits"][0]["spelling"],
                   f"{result['break_even_days']:,.2f} days", f"{result['bytes_per_day']:,.1f} bytes a"):  # fmt: skip
        assert number in " ".join(text.split())
    assert sum(w["count"] for w in result["windows"]) == 8760 and len(result["windows"]) == 24
    # The new table codes the stream, and the audit keeps it.
    again = fields("audit", "second.csv", *column, "--code", "new.json")
    assert (again["verdict"], again["unseen"]) == ("keep", 0) and again["extra"] < result["extra"] / 10
    assert screen("audit", "second.csv", *column, "--code", "new.json").startswith("KEEP: ")
    for table, expected in (("old.json", result), ("new.json", again)):
        good("encode", "second.csv", *column, "--code", table, "-o", "x.huf", "--force")
        assert good("decode", "x.huf", "-c").text == lines(*cells)
        book = fields("inspect", "x.huf")
        bits = book["payload_bits"] + items_of(book)["raw values of escapes"]
        assert bits / 8760 == expected["old_mean_length"]
    assert codec.load("new.json").escape_length  # as the old one has
    arguments = ["audit", "second.csv", *column, "--code", "nasa"]  # which has few of the station's labels
    assert "memory of order one: too few readings to tell" in screen(*arguments)
    memory = fields(*arguments)["memory"]
    nulls = {key for key, value in memory.items() if value is None}
    assert nulls == {"bits_per_reading", "shuffled_mean", "shuffled_deviation"}
    assert (memory["count"], memory["tells"]) == (8760, False)


def test_json_is_what_the_library_says_also_of_a_pipe(here):
    stream = built_in("nasa").sample(1000, 2)
    raw = write_lines("s.txt", *stream).read_bytes()
    options = ["--code", "winter", "--window", 300, "--per-day", 7]
    expected = json.loads(json.dumps(as_json(codec.audit(stream, built_in("winter"), window=300, per_day=7))))
    assert fields("audit", "s.txt", *options) == expected == fields("audit", "-", *options, stdin=raw)


def test_a_retrained_table_with_an_escape_is_kept_also_where_the_escape_is_dear(here):
    write_lines("s.txt", *built_in("nasa").sample(20_000, 1))
    good("table", "winter", "--escape", "-o", "old.json")
    assert fields(*AUDIT_S, "old.json", "--retrain", "new.json")["verdict"] == "retrain"
    assert fields(*AUDIT_S, "new.json")["verdict"] == "keep"


def test_a_table_without_an_escape_is_retrained_to_one_without(here):
    write_lines("s.txt", *[100] * 300, *[7] * 100)
    text = screen(*AUDIT_S, "nasa", "--retrain", "new.json")
    assert "cannot code 100 of these 400 readings" in " ".join(text.split())
    assert "covered readings alone (300)" in text and "no escape" in text
    new = codec.load("new.json")
    assert not new.escape_length and list(new.alphabet) == [7, 100]
    result = fields(*AUDIT_S, "new.json")
    assert (result["verdict"], result["extra"], result["break_even_readings"]) == ("keep", 0, None)


def test_retraining_keeps_files_that_are_there(here):
    stream, new = write_lines("s.txt", 100, 105), Path("new.json")
    new.write_text("mine")
    assert "exists already" in refused(*AUDIT_S, "nasa", "--retrain", new)
    assert new.read_text() == "mine"
    good(*AUDIT_S, "nasa", "--retrain", new, "--force")
    assert len(codec.load(new)) == 2
    good(*AUDIT_S, new)
    assert "is the input too" in refused(*AUDIT_S, "nasa", "--retrain", stream, "--force")
    assert stream.read_text() == lines(100, 105)


def test_numbers_rounded_to_a_grid_and_raw_bytes_can_be_audited(here):
    write_lines("s.txt", *["2.44", "2.51", "2.39"] * 200)
    good("table", "s.txt", "--step", "0.1", "-o", "t.json")
    result = good(*AUDIT_S, "t.json", "--step", "0.1")
    assert result.text.startswith("KEEP") and "were changed by the step" in result.talk
    Path("s.txt").write_text(ENGLISH)
    for code in ("hpack", "deflate-fixed"):
        result = fields(*AUDIT_S, code, "--bytes")
        assert result["verdict"] == "retrain" and result["unseen"] == 0
        screen(*AUDIT_S, code, "--bytes")


def test_memory_is_shown_beside_what_chance_shows_with_the_sentence_which_price_it_is(here):
    write_lines("s.txt", *sticky(built_in("nasa"), 5000, 1, 0.9)[0])
    text, memory = screen(*AUDIT_S, "nasa"), fields(*AUDIT_S, "nasa")["memory"]
    assert memory["tells"] is True and memory["count"] == 5000
    passage = " ".join(text[text.index("memory of order one") :].split())
    for part in (f"{5000 * memory['bits_per_reading']:,.1f} {memory['bits_per_reading']:.5f}",
                 f"shuffled {5000 * memory['shuffled_mean']:,.1f} {memory['shuffled_mean']:.5f}",
                 f"± {memory['shuffled_deviation']:.5f}",
                 "For a stationary first-order Markov source that is the whole price of pretending that readings",
                 "otherwise the part that one step explains", "beside the sums"):  # fmt: skip
        assert part in passage


def test_windows_are_as_long_as_asked(old):
    write_lines("s.txt", *[100] * 50, *[105] * 49, 7)
    for window in (1, 33, 100, 10**9):
        windows = fields(*AUDIT_S, old, "--window", window)["windows"]
        assert [w["start"] for w in windows] == list(range(0, 100, window))
        assert sum(w["count"] for w in windows) == 100 and sum(w["unseen"] for w in windows) == 1
        assert ("window by window" in screen(*AUDIT_S, old, "--window", window)) == (window < 100)


def test_an_audit_needs_a_stream_that_is_not_empty_and_a_table_and_numbers_of_readings(old):
    write_lines("empty.txt")
    table_file("wrong.json", [1], lengths=[1], escape=0.5)
    assert "empty.txt is empty: there is nothing to audit" in refused("audit", "empty.txt", "--code", old)
    assert "--code" in misused("audit", "train.txt")
    assert "no such distribution" in refused("audit", "train.txt", "--code", "banana")
    assert "none.txt" in refused("audit", "none.txt", "--code", old)
    assert "wrong.json" in refused("audit", "train.txt", "--code", "wrong.json")
    assert "no column 'x'" in refused("audit", STATION, "--column", "x", "--code", old)
    for option, value in (
        *product(("--window", "--per-day"), ("0", "-1", "1.5", "x", "nan")),
        ("--per-day", "9" * 400),
    ):
        assert option in misused("audit", "train.txt", "--code", old, option, value)


def test_odd_streams_give_a_clear_answer(old):
    """Constant, one reading, other labels altogether, of another kind."""
    streams = [[7], [7] * 5, [7] * 1000, [100], [100] * 1000, ["n/a"] * 400, [1.5, "", "x"] * 300]
    for readings, code in product(streams, (old, "nasa")):
        write_lines("s.txt", *readings)
        result = fields(*AUDIT_S, code, "--per-day", 3)
        text = screen(*AUDIT_S, code, "--per-day", 3)
        assert text.startswith(f"{result['verdict'].upper()}: ") and result["count"] == len(readings)
        assert result["unseen"] == (0 if readings[0] == 100 else len(readings))
        assert (result["extra"] is None) == (code == "nasa" and result["unseen"] > 0)


def test_nothing_is_wider_than_100_columns_or_unreadable(tmp_path):
    """Long labels, wide letters, control characters, a long path."""
    folder = tmp_path / ("a-long-name-" * 8) / ("and-another-" * 8)
    folder.mkdir(parents=True)
    odd = ["x" * 300, "\x1b[31mred", "漢" * 60, "é" * 90, "", " ", "ok", "a\tb"]
    stream = write_lines(folder / "s.txt", *(token for token in odd for _ in range(60)))
    other, table = write_lines(folder / "other.txt", *["ok", "x" * 300] * 100), folder / "t.json"
    for escape, rows in ((["--escape"], 8), ([], 2)):
        good("table", other, *escape, "-o", table, "--force")
        text = screen("audit", stream, "--code", table, "--per-day", 10**15)
        assert "\x1b" not in text and "\t" not in text
        for part in ("entropy of these readings", "share", "old table", "breaks even"):
            assert part in text
        assert len([line for line in text.splitlines() if " %   " in line and "95 %" not in line]) == rows


def test_the_english_table_of_a_standard_is_compared_with_others(here):
    Path("book.txt").write_text(ENGLISH)
    arguments = ["compare", "book.txt", "hpack", "deflate-fixed", "letters", "--bytes"]
    text = screen(*arguments)
    assert all(name in text for name in ("hpack", "deflate-fixed", "letters", "∞"))
    rows = {row["q"]: row for row in fields(*arguments)["rows"]}
    counts = [ENGLISH.encode().count(byte) for byte in range(256)]
    best = huffman_code({b: c for b, c in enumerate(counts) if c})
    for name in ("hpack", "deflate-fixed"):
        bits = sum(count * len(standard(name).codewords[byte]) for byte, count in enumerate(counts))
        assert math.isclose(rows[name]["measured_length"], bits / len(ENGLISH))
        extra = bits - sum(count * len(best[byte]) for byte, count in enumerate(counts) if count)
        assert math.isclose(rows[name]["expected_extra"], extra / len(ENGLISH))
    assert rows["letters"]["infinite"] is True
    Path("plain.txt").write_text("".join(c for c in ENGLISH.lower() if c.isalpha() or c == " "))
    row = fields("compare", "plain.txt", "letters", "--bytes")["rows"][0]
    assert row["infinite"] is False and row["measured_extra"] > 0


def test_a_table_with_an_escape_has_an_infinite_prediction_and_a_finite_price(old):
    write_lines("s.txt", *[100] * 200, *[105] * 100, *[7] * 10)
    (row,) = fields("compare", "s.txt", old)["rows"]
    assert row["infinite"] is True and row["kl_prediction"] is None
    assert row["expected_length"] == row["measured_length"] == (200 * 1 + 100 * 2 + 10 * (2 + 16 + 8)) / 310
    assert "∞" in screen("compare", "s.txt", old)


# table --smooth, table --escape


def weights_of(path):
    code = codec.load(path)
    return dict(zip(code.alphabet.spellings, code.weights.tolist(), strict=True))


def test_smoothing_adds_to_each_weight_and_fills_the_range_of_the_numbers_of_a_stream(here):
    for readings, alpha, expected in (
        ([3, 5, 5, 7], "1", {"3": 2, "4": 1, "5": 3, "6": 1, "7": 2}),
        ([3, 5, 5, 7], "0.5", {"3": 3, "4": 1, "5": 5, "6": 1, "7": 3}),
        ([-2, 1], "1/3", {"-2": 4, "-1": 1, "0": 1, "1": 4}),
        (["-0.1", "0.2", "0.2"], "1", {"-0.1": 2, "0.0": 1, "0.1": 1, "0.2": 3}),
        (["a", "c"], "2", {"a": 3, "c": 3}),
        ([2**64 - 1, 2**64 - 3], "1", {str(2**64 - 3): 2, str(2**64 - 2): 1, str(2**64 - 1): 2}),
    ):
        good("table", write_lines("s.txt", *readings), "--smooth", alpha, "-o", "t.json", "--force")
        assert weights_of("t.json") == expected
        code = codec.load("t.json")
        assert code.kraft_sum() == 1 and code.lengths.all()
        filled = lines(*expected).encode()
        coded = good("encode", "-", "--code", "t.json", stdin=filled).data
        assert good("decode", "-", stdin=coded).data == filled


def test_smoothing_a_distribution_keeps_its_labels_and_may_save_it_as_one(here):
    table_file("p.json", [1, 5], weights=[3, 0])
    good("table", "p.json", "--smooth", "1", "-o", "t.json")
    assert weights_of("t.json") == {"1": 4, "5": 1}
    good("table", "p.json", "--smooth", "1", "--distribution", "-o", "q.json")
    assert codec.load("q.json").weights.tolist() == [4, 1]
    good("table", "t.json", "--smooth", "1", "-o", "u.json")  # a code that knows its weights
    assert weights_of("u.json") == {"1": 5, "5": 2}


def test_what_cannot_be_smoothed_or_have_an_escape_is_wrong_usage(here):
    table_file("t.json", [1, 5], lengths=[1, 1])
    for option in ("--smooth", "--escape"):
        for name in ("t.json", "hpack", "jpeg-dc-luminance"):
            assert f"{option} needs weights" in misused("table", name, f"{option}=1")
        for value in ("0", "-1", "nan", "inf", "x", "", "1/0", "1e30", "1e-30"):
            assert option in misused("table", "nasa", f"{option}={value}")
    assert "--escape needs weights" in misused("table", "t.json", "--escape")
    message = refused("table", write_lines("s.txt", 0, 100_000), "--smooth", "1")
    assert "s.txt" in message and "from 0 to 100000 there are more than 65,536 labels" in message


def test_smoothing_a_saved_table_does_not_drop_its_escape_unasked(here):
    good("table", "nasa", "--escape", "-o", "t.json")
    message = misused("table", "t.json", "--smooth", "1", "-o", "u.json")
    assert "has an escape, and not its weight: --smooth needs --escape beside it" in message
    assert files(here) == ["t.json"]
    good("table", "t.json", "--smooth", "1", "--escape", "2", "-o", "u.json")
    assert codec.load("u.json").escape_length > 0


def test_the_escape_has_the_weight_that_was_asked_beside_the_readings(here):
    """Against bitarray's Huffman code, for counts with alpha added and the escape among them."""
    counts = {"a": 9, "b": 4, "c": 1, "d": 1}
    write_lines("s.txt", *(label for label, count in counts.items() for _ in range(count)))
    for weight, smooth in product((None, "1", "3", "0.5", "1/7", "100"), (None, "1", "0.5", "1/3")):
        options = [*(["--smooth", smooth] if smooth else []), "--escape", *([weight] if weight else [])]
        report = fields("table", "s.txt", *options)
        good("table", "s.txt", *options, "-o", "t.json", "-f")
        code = codec.load("t.json")
        exact = {label: count + Fraction(smooth or 0) for label, count in counts.items()}
        exact["escape"] = Fraction(weight or 1)
        scale = math.lcm(*(w.denominator for w in exact.values()))
        words = huffman_code({label: int(w * scale) for label, w in exact.items()})
        lengths = {**dict(zip(code.alphabet, code.lengths.tolist(), strict=True)), "escape": code.escape_length}
        assert sum(w * lengths[x] for x, w in exact.items()) == sum(w * len(words[x]) for x, w in exact.items())
        assert len(report["escape"]) == code.escape_length
        # What is shown is the code: prefix-free with its escape, and what files are written with.
        shown = {row["label"]: row["codeword"] for row in report["rows"]}
        assert all(not b.startswith(a) for a, b in pairwise(sorted([*shown.values(), report["escape"]])))
        assert shown == {label: word.to01() for label, word in code.codewords.items()}
        assert report["escape"] in screen("table", "s.txt", *options)


def test_a_table_without_an_escape_says_so_in_json():
    assert fields("table", "nasa")["escape"] is None
    assert "the raw value behind it" not in screen("table", "nasa")


def test_a_limit_holds_for_the_escape_too_and_costs_nothing_where_nothing_reaches_it():
    report = fields("table", "nasa", "--escape", "0.01", "--max-length", 4)
    assert max(len(report["escape"]), *(row["length"] for row in report["rows"])) == 4
    assert "9 codewords do not fit into 3 bits" in misused("table", "nasa", "--escape", "--max-length", 3)
    screen("table", "nasa", "--escape", "--max-length", 4)
    text = screen("table", "nasa", "--escape", "5", "--max-length", 30)
    assert "costs 0." not in text or "costs 0.000000" in text


def test_readings_never_seen_are_coded_and_their_cost_is_a_line_of_the_ledger(old):
    raw = write_lines("s.txt", 100, 105, "n/a", 100, 7, "", "105.0").read_bytes()
    assert "--escape" in refused("encode", "s.txt", "--code", "nasa")
    for options, given in (([], []), (["--no-table"], ["--code", old])):
        good("encode", "s.txt", "--code", old, *options, "--force")
        assert good("decode", "s.txt.huf", "-c", *given).data == raw
        assert "raw values of escapes" in screen("inspect", "s.txt.huf", *given)
        book = fields("inspect", "s.txt.huf", *given)
        assert items_of(book)["raw values of escapes"] == 8 * (2 + 3 + 2 + 1 + 2 + 2 + 5)
        assert math.isclose(sum(items_of(book).values()), book["file_bits"])
    piped = good("encode", "-", "--code", old, stdin=raw).data
    assert good("decode", "-", stdin=piped).data == raw
    good("encode", "-", "--code", old, "-o", "all.huf", stdin=b"7\n8\n")
    screen("inspect", "all.huf")
    assert fields("inspect", "all.huf")["count"] == 2
