"""`codec audit`, and the tables it is about: `table --smooth`, `table --escape`, the standards' tables by name."""

from __future__ import annotations

import json
import math
import random
import unicodedata
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bitarray.util import huffman_code
from command_line import files, good, misused, refused

import codec
from codec.codes.standard import standard
from codec.show.as_json import as_json
from codec.theory.sources import built_in, sticky

SAMPLES = Path(codec.__file__).resolve().parent.parent / "samples"
ENGLISH = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of "
    "foolishness, it was the epoch of belief, it was the epoch of incredulity. "
) * 5


def shown(text: str) -> str:
    """Output for people: no line beyond 100 columns, and no number that is none."""
    for line in text.splitlines():
        columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)
        assert columns <= 100, line
    assert "nan" not in text.lower().replace("finance", "") and "Infinity" not in text and "None" not in text
    return text


def lines(*readings: object) -> str:
    return "".join(f"{reading}\n" for reading in readings)


@pytest.fixture
def years(tmp_path: Path) -> tuple[Path, Path]:
    """The station's first and second year, each a CSV file."""
    header, *rows = (SAMPLES / "station.csv").read_text().splitlines()
    for name, part in ("first.csv", rows[:8760]), ("second.csv", rows[8760:]):
        (tmp_path / name).write_text(lines(header, *part))
    return tmp_path / "first.csv", tmp_path / "second.csv"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A table for 100 and 105, with an escape."""
    (tmp_path / "train.txt").write_text(lines(*[100] * 60, *[105] * 40))
    good("table", tmp_path / "train.txt", "--escape", "-o", tmp_path / "old.json")
    return tmp_path / "old.json"


# ------------------------------------------------------------------ from a CSV file to a new table


def test_last_years_table_is_audited_on_this_years_data_and_retrained(years: Any, tmp_path: Path) -> None:
    first, second = years
    table, new = tmp_path / "old.json", tmp_path / "new.json"
    column = ["--column", "temperature"]
    good("table", first, *column, "--escape", "-o", table)
    before = files(tmp_path)
    text = shown(good("audit", second, *column, "--code", table, "--per-day", 24).text)
    assert files(tmp_path) == before
    fields = good("audit", second, *column, "--code", table, "--per-day", 24, "--json", "--retrain", new).json()
    seen = {row.split(",")[1] for row in first.read_text().splitlines()[1:]}
    unseen = [t for t in (row.split(",")[1] for row in second.read_text().splitlines()[1:]) if t not in seen]
    assert (fields["count"], fields["unseen"], fields["first_unseen"]) == (8760, len(unseen), unseen[0])
    assert abs(math.fsum(part["bits"] for part in fields["split"]) - fields["extra"]) < 1e-9
    assert fields["verdict"] == "keep" and "is not certain to pay for readings that it has not seen" in " ".join(
        text.split()
    )
    for number in (f"{fields['extra']:.4f}", f"{fields['break_even_readings']:,}", f"{len(unseen):,} of them",
                   f"the first: {unseen[0]}", f"{fields['table_bits']:,} bits", fields["culprits"][0]["spelling"],
                   f"{fields['break_even_days']:,.2f} days", f"{fields['bytes_per_day']:,.1f} bytes a"):  # fmt: skip
        assert number in " ".join(text.split())
    assert sum(w["count"] for w in fields["windows"]) == 8760
    assert 1 < len(fields["windows"]) <= 24 and not any(w["too_short"] for w in fields["windows"])
    # The new table is one: it codes the stream, and the audit keeps it.
    again = good("audit", second, *column, "--code", new, "--json").json()
    assert (again["verdict"], again["unseen"]) == ("keep", 0) and again["extra"] < fields["extra"] / 10
    assert shown(good("audit", second, *column, "--code", new).text).startswith("KEEP: ")
    for code in (table, new):
        good("encode", second, *column, "--code", code, "-o", tmp_path / "x.huf", "--force")
        good("decode", tmp_path / "x.huf", "-o", tmp_path / "x", "--force")
        cells = [row.split(",")[1] for row in second.read_text().splitlines()[1:]]
        assert (tmp_path / "x").read_text() == lines(*cells)
        book = good("inspect", tmp_path / "x.huf", "--json").json()
        items = {line["item"]: line["bits"] for line in book["ledger"]}
        expected = fields if code == table else again
        assert (book["payload_bits"] + items["raw values of escapes"]) / 8760 == expected["old_mean_length"]
    assert codec.load(new).escape_length  # as the old one has


def test_json_is_what_the_library_says(tmp_path: Path) -> None:
    stream = built_in("nasa").sample(1000, 2)
    (tmp_path / "s.txt").write_text(lines(*stream))
    fields = good("audit", tmp_path / "s.txt", "--code", "winter", "--json", "--window", 300, "--per-day", 7).json()
    assert fields == json.loads(json.dumps(as_json(codec.audit(stream, built_in("winter"), window=300, per_day=7))))
    piped = good("audit", "-", "--code", "winter", "--json", "--window", 300, "--per-day", 7,
                 stdin=(tmp_path / "s.txt").read_bytes())  # fmt: skip
    assert piped.json() == fields


def test_a_retrained_table_with_an_escape_is_kept_also_where_the_escape_is_dear(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines(*built_in("nasa").sample(20_000, 1)))
    good("table", "winter", "--escape", "-o", tmp_path / "old.json")
    arguments = ["audit", tmp_path / "s.txt", "--json", "--code"]
    assert good(*arguments, tmp_path / "old.json", "--retrain", tmp_path / "new.json").json()["verdict"] == "retrain"
    assert good(*arguments, tmp_path / "new.json").json()["verdict"] == "keep"


def test_a_table_without_an_escape_is_retrained_to_one_without(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines(*[100] * 300, *[7] * 100))
    text = good("audit", tmp_path / "s.txt", "--code", "nasa", "--retrain", tmp_path / "new.json").text
    assert "cannot code 100 of these 400 readings" in " ".join(shown(text).split())
    assert "covered readings alone (300)" in text and "no escape" in text
    new = codec.load(tmp_path / "new.json")
    assert not new.escape_length and list(new.alphabet) == [7, 100]
    fields = good("audit", tmp_path / "s.txt", "--code", tmp_path / "new.json", "--json").json()
    assert (fields["verdict"], fields["extra"], fields["break_even_readings"]) == ("keep", 0, None)


def test_retraining_keeps_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines(100, 105))
    (tmp_path / "new.json").write_text("mine")
    assert "exists already" in refused(
        "audit", tmp_path / "s.txt", "--code", "nasa", "--retrain", tmp_path / "new.json"
    )
    assert (tmp_path / "new.json").read_text() == "mine"
    good("audit", tmp_path / "s.txt", "--code", "nasa", "--retrain", tmp_path / "new.json", "--force")
    assert len(codec.load(tmp_path / "new.json")) == 2
    good("audit", tmp_path / "s.txt", "--code", tmp_path / "new.json")
    message = refused("audit", tmp_path / "s.txt", "--code", "nasa", "--retrain", tmp_path / "s.txt", "--force")
    assert "is the input too" in message and (tmp_path / "s.txt").read_text() == lines(100, 105)


def test_numbers_rounded_to_a_grid_and_raw_bytes_can_be_audited(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines("2.44", "2.51", "2.39") * 200)
    good("table", tmp_path / "s.txt", "--step", "0.1", "-o", tmp_path / "t.json")
    result = good("audit", tmp_path / "s.txt", "--step", "0.1", "--code", tmp_path / "t.json")
    assert shown(result.text).startswith("KEEP") and "were changed by the step" in result.talk
    (tmp_path / "e.txt").write_text(ENGLISH)
    for code in ("hpack", "deflate-fixed"):
        fields = good("audit", tmp_path / "e.txt", "--bytes", "--code", code, "--json").json()
        assert fields["verdict"] == "retrain" and fields["unseen"] == 0
        shown(good("audit", tmp_path / "e.txt", "--bytes", "--code", code).text)


# ------------------------------------------------------------------ memory


def test_memory_is_shown_beside_what_chance_shows_with_the_sentence_which_price_it_is(tmp_path: Path) -> None:
    readings, _ = sticky(built_in("nasa"), 5000, 1, 0.9)
    (tmp_path / "s.txt").write_text(lines(*readings))
    text = shown(good("audit", tmp_path / "s.txt", "--code", "nasa").text)
    fields = good("audit", tmp_path / "s.txt", "--code", "nasa", "--json").json()["memory"]
    assert fields["tells"] is True and fields["count"] == 5000
    passage = " ".join(text[text.index("memory of order one") :].split())
    assert fields["found"] == "yes" and fields["at_least"] < fields["bits_per_reading"] < fields["at_most"]
    for part in (f"{5000 * fields['bits_per_reading']:,.1f} {fields['bits_per_reading']:.5f}",
                 f"shuffled {5000 * fields['shuffled_mean']:,.1f} {fields['shuffled_mean']:.5f}",
                 f"± {fields['shuffled_deviation']:.5f}",
                 "For a stationary first-order Markov source that is the whole price of pretending that readings",
                 "otherwise the part that one step explains", "beside the sums"):  # fmt: skip
        assert part in passage


def test_memory_is_found_in_a_year_of_hours_and_none_where_the_hours_are_shuffled(years: Any, tmp_path: Path) -> None:
    """Chance alone shows more than two bits in so many labels; the line below says which way would use the memory."""
    text = shown(good("audit", years[1], "--column", "temperature", "--code", "nasa").text)
    assert "memory of order one: yes, " in text and "what would use it" in text and "--delta 5." in text
    cells = [row.split(",")[1] for row in years[1].read_text().splitlines()[1:]]
    (tmp_path / "s.txt").write_text(lines(*random.Random(1).sample(cells, len(cells))))
    assert "memory of order one: none found" in good("audit", tmp_path / "s.txt", "--code", "nasa").text


# ------------------------------------------------------------------ options and bad input


@pytest.mark.parametrize("window", [1, 33, 100, 10**9])
def test_windows_are_as_long_as_asked(window: int, old: Path, tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines(*[100] * 50, *[105] * 49, 7))
    fields = good("audit", tmp_path / "s.txt", "--code", old, "--window", window, "--json").json()
    assert [w["start"] for w in fields["windows"]] == list(range(0, 100, window))
    assert sum(w["count"] for w in fields["windows"]) == 100 and sum(w["unseen"] for w in fields["windows"]) == 1
    text = shown(good("audit", tmp_path / "s.txt", "--code", old, "--window", window).text)
    assert ("window by window" in text) == (window < 100)


@pytest.mark.parametrize("option", ["--window", "--per-day"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "nan"])
def test_a_number_of_readings_that_is_none_is_wrong_usage(option: str, value: str, old: Path, tmp_path: Path) -> None:
    assert option in misused("audit", tmp_path / "train.txt", "--code", old, option, value)


def test_readings_per_day_beyond_all_bounds_are_wrong_usage(old: Path, tmp_path: Path) -> None:
    assert "--per-day" in misused("audit", tmp_path / "train.txt", "--code", old, "--per-day", "9" * 400)


def test_an_audit_needs_a_stream_that_is_not_empty_and_a_table(old: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    assert "empty.txt is empty: there is nothing to audit" in refused("audit", tmp_path / "empty.txt", "--code", old)
    assert "--code" in misused("audit", tmp_path / "train.txt")
    assert "no such distribution" in refused("audit", tmp_path / "train.txt", "--code", "banana")
    assert "none.txt" in refused("audit", tmp_path / "none.txt", "--code", old)
    (tmp_path / "wrong.json").write_text('{"kind": "code", "labels": [1], "lengths": [1], "escape": 0.5}')
    assert "wrong.json" in refused("audit", tmp_path / "train.txt", "--code", tmp_path / "wrong.json")
    assert "no column 'x'" in refused("audit", SAMPLES / "station.csv", "--column", "x", "--code", old)


@pytest.mark.dear
@pytest.mark.parametrize(
    "readings", [[7], [7] * 5, [7] * 1000, [100], [100] * 1000, ["n/a"] * 400, [1.5, "", "x"] * 300]
)
@pytest.mark.parametrize("escape", [True, False])
def test_odd_streams_give_a_clear_answer(readings: list[Any], escape: bool, old: Path, tmp_path: Path) -> None:
    """Constant, one reading, other labels altogether, of another kind."""
    (tmp_path / "s.txt").write_text(lines(*readings))
    code: Any = old if escape else "nasa"
    fields = good("audit", tmp_path / "s.txt", "--code", code, "--per-day", 3, "--json").json()
    text = shown(good("audit", tmp_path / "s.txt", "--code", code, "--per-day", 3).text)
    assert text.startswith(f"{fields['verdict'].upper()}: ") and fields["count"] == len(readings)
    assert fields["unseen"] == (0 if readings[0] == 100 else len(readings))
    assert (fields["extra"] is None) == (not escape and fields["unseen"] > 0)


def test_nothing_is_wider_than_100_columns_or_unreadable(tmp_path: Path) -> None:
    """Long labels, wide letters, control characters, a long path."""
    folder = tmp_path / ("a-long-name-" * 8) / ("and-another-" * 8)
    folder.mkdir(parents=True)
    odd = ["x" * 300, "\x1b[31mred", "漢" * 60, "é" * 90, "", " ", "ok", "a\tb"]
    (folder / "s.txt").write_text(lines(*(token for token in odd for _ in range(60))))
    (folder / "other.txt").write_text(lines(*["ok", "x" * 300] * 100))
    for escape in (["--escape"], []):
        good("table", folder / "other.txt", *escape, "-o", folder / "t.json", "--force")
        text = shown(good("audit", folder / "s.txt", "--code", folder / "t.json", "--per-day", 10**15).text)
        assert "\x1b" not in text and "\t" not in text
        for part in ("entropy of these readings", "share", "old table", "breaks even"):
            assert part in text
        culprits = [line for line in text.splitlines() if " %   " in line and "95 %" not in line]
        assert len(culprits) == (8 if escape else 2)


@pytest.mark.slow
def test_the_english_table_of_a_standard_is_compared_with_others(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text(ENGLISH)
    arguments = ["compare", tmp_path / "book.txt", "hpack", "deflate-fixed", "letters", "--bytes"]
    text = shown(good(*arguments).text)
    assert all(name in text for name in ("hpack", "deflate-fixed", "letters", "∞"))
    rows = {row["q"]: row for row in good(*arguments, "--json").json()["rows"]}
    counts = [ENGLISH.encode().count(byte) for byte in range(256)]
    best = huffman_code({b: c for b, c in enumerate(counts) if c})
    for name in ("hpack", "deflate-fixed"):
        bits = sum(count * len(standard(name).codewords[byte]) for byte, count in enumerate(counts))
        assert math.isclose(rows[name]["measured_length"], bits / len(ENGLISH))
        extra = bits - sum(count * len(best[byte]) for byte, count in enumerate(counts) if count)
        assert math.isclose(rows[name]["expected_extra"], extra / len(ENGLISH))
    assert rows["letters"]["infinite"] is True
    plain = "".join(c for c in ENGLISH.lower() if c.isalpha() or c == " ")
    (tmp_path / "plain.txt").write_text(plain)
    rows = good("compare", tmp_path / "plain.txt", "letters", "--bytes", "--json").json()["rows"]
    assert rows[0]["infinite"] is False and rows[0]["measured_extra"] > 0


def test_a_table_with_an_escape_has_an_infinite_prediction_and_a_finite_price(old: Path, tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines(*[100] * 200, *[105] * 100, *[7] * 10))
    (row,) = good("compare", tmp_path / "s.txt", old, "--json").json()["rows"]
    assert row["infinite"] is True and row["kl_prediction"] is None
    cost = {100: 1, 105: 2, 7: 2 + 16 + 8}
    assert row["expected_length"] == row["measured_length"] == (200 * cost[100] + 100 * cost[105] + 10 * cost[7]) / 310
    assert "∞" in shown(good("compare", tmp_path / "s.txt", old).text)


# ------------------------------------------------------------------ table --smooth, table --escape


def weights_of(path: Path) -> dict[str, int]:
    code = codec.load(path)
    return dict(zip(code.alphabet.spellings, code.weights.tolist(), strict=True))


def test_smoothing_adds_to_each_weight_and_fills_the_range_of_the_numbers_of_a_stream(tmp_path: Path) -> None:
    stream, out = tmp_path / "s.txt", tmp_path / "t.json"
    for readings, alpha, expected in (
        ([3, 5, 5, 7], "1", {"3": 2, "4": 1, "5": 3, "6": 1, "7": 2}),
        ([3, 5, 5, 7], "0.5", {"3": 3, "4": 1, "5": 5, "6": 1, "7": 3}),
        ([-2, 1], "1/3", {"-2": 4, "-1": 1, "0": 1, "1": 4}),
        (["-0.1", "0.2", "0.2"], "1", {"-0.1": 2, "0.0": 1, "0.1": 1, "0.2": 3}),
        (["a", "c"], "2", {"a": 3, "c": 3}),
        ([2**64 - 1, 2**64 - 3], "1", {str(2**64 - 3): 2, str(2**64 - 2): 1, str(2**64 - 1): 2}),
    ):
        stream.write_text(lines(*readings))
        good("table", stream, "--smooth", alpha, "-o", out, "--force")
        assert weights_of(out) == expected
        code = codec.load(out)
        assert code.kraft_sum() == 1 and code.lengths.all()
        filled = lines(*expected).encode()
        good("encode", "-", "--code", out, "-o", tmp_path / "x.huf", "--force", stdin=filled)
        assert good("decode", tmp_path / "x.huf", "-c").data == filled


def test_smoothing_a_distribution_keeps_its_labels_and_may_save_it_as_one(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"kind": "distribution", "labels": [1, 5], "weights": [3, 0]}')
    good("table", tmp_path / "p.json", "--smooth", "1", "-o", tmp_path / "t.json")
    assert weights_of(tmp_path / "t.json") == {"1": 4, "5": 1}
    good("table", tmp_path / "p.json", "--smooth", "1", "--distribution", "-o", tmp_path / "q.json")
    assert codec.load(tmp_path / "q.json").weights.tolist() == [4, 1]
    good("table", tmp_path / "t.json", "--smooth", "1", "-o", tmp_path / "u.json")  # a code that knows its weights
    assert weights_of(tmp_path / "u.json") == {"1": 5, "5": 2}


@pytest.mark.parametrize("option", [["--smooth", "1"], ["--escape"]])
def test_a_table_of_lengths_has_no_weights_to_smooth_or_to_escape_from(option: list[str], tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"kind": "code", "labels": [1, 5], "lengths": [1, 1]}')
    for name in (tmp_path / "t.json", "hpack", "jpeg-dc-luminance"):
        assert f"{option[0]} needs weights" in misused("table", name, *option)


def test_smoothing_a_saved_table_does_not_drop_its_escape_unasked(tmp_path: Path) -> None:
    good("table", "nasa", "--escape", "-o", tmp_path / "t.json")
    message = misused("table", tmp_path / "t.json", "--smooth", "1", "-o", tmp_path / "u.json")
    assert "has an escape, and not its weight: --smooth needs --escape beside it" in message
    assert not (tmp_path / "u.json").exists()
    good("table", tmp_path / "t.json", "--smooth", "1", "--escape", "2", "-o", tmp_path / "u.json")
    assert codec.load(tmp_path / "u.json").escape_length > 0


@pytest.mark.parametrize("option", ["--smooth", "--escape"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "x", "", "1/0", "1e30", "1e-30"])
def test_a_weight_that_is_no_positive_number_is_wrong_usage(option: str, value: str) -> None:
    assert option in misused("table", "nasa", f"{option}={value}")


def test_a_range_too_wide_to_fill_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(lines(0, 100_000))
    message = refused("table", tmp_path / "s.txt", "--smooth", "1")
    assert "s.txt" in message and "from 0 to 100000 there are more than 65,536 labels" in message


@pytest.mark.dear
@pytest.mark.parametrize("weight", [None, "1", "3", "0.5", "1/7", "100"])
@pytest.mark.parametrize("smooth", [None, "1", "0.5", "1/3"])
def test_the_escape_has_the_weight_that_was_asked_beside_the_readings(
    weight: str | None, smooth: str | None, tmp_path: Path
) -> None:
    """Against bitarray's Huffman code, for counts with alpha added and the escape among them."""
    counts = {"a": 9, "b": 4, "c": 1, "d": 1}
    (tmp_path / "s.txt").write_text(lines(*(label for label, count in counts.items() for _ in range(count))))
    options = [*(["--smooth", smooth] if smooth else []), *(["--escape", weight] if weight else ["--escape"])]
    report = good("table", tmp_path / "s.txt", *options, "--json").json()
    good("table", tmp_path / "s.txt", *options, "-o", tmp_path / "t.json")
    code = codec.load(tmp_path / "t.json")
    exact = {label: count + Fraction(smooth or 0) for label, count in counts.items()}
    exact["escape"] = Fraction(weight or 1)
    scale = math.lcm(*(w.denominator for w in exact.values()))
    words = huffman_code({label: int(w * scale) for label, w in exact.items()})
    lengths = {**dict(zip(code.alphabet, code.lengths.tolist(), strict=True)), "escape": code.escape_length}
    assert sum(w * lengths[x] for x, w in exact.items()) == sum(w * len(words[x]) for x, w in exact.items())
    assert len(report["escape"]) == code.escape_length
    # What is shown is the code: prefix-free with its escape, and what files are written with.
    shown_words = sorted([*(row["codeword"] for row in report["rows"]), report["escape"]])
    assert all(not b.startswith(a) for a, b in pairwise(shown_words))
    assert {row["label"]: row["codeword"] for row in report["rows"]} == {
        label: word.to01() for label, word in code.codewords.items()
    }
    assert report["escape"] in shown(good("table", tmp_path / "s.txt", *options).text)


def test_a_table_without_an_escape_says_so_in_json() -> None:
    assert good("table", "nasa", "--json").json()["escape"] is None
    assert "the raw value behind it" not in good("table", "nasa").text


def test_the_limit_on_lengths_holds_for_the_escape_too(tmp_path: Path) -> None:
    report = good("table", "nasa", "--escape", "0.01", "--max-length", 4, "--json").json()
    assert max(len(report["escape"]), *(row["length"] for row in report["rows"])) == 4
    assert "9 codewords do not fit into 3 bits" in misused("table", "nasa", "--escape", "--max-length", 3)
    shown(good("table", "nasa", "--escape", "--max-length", 4).text)


def test_the_price_of_a_limit_is_not_that_of_the_escape() -> None:
    """A limit that nothing reaches costs nothing."""
    text = shown(good("table", "nasa", "--escape", "5", "--max-length", 30).text)
    assert "costs 0." not in text or "costs 0.000000" in text


def test_readings_never_seen_are_coded_and_their_cost_is_a_line_of_the_ledger(old: Path, tmp_path: Path) -> None:
    raw = lines(100, 105, "n/a", 100, 7, "", "105.0").encode()
    (tmp_path / "s.txt").write_bytes(raw)
    assert "--escape" in refused("encode", tmp_path / "s.txt", "--code", "nasa")
    for options in ([], ["--no-table"]):
        good("encode", tmp_path / "s.txt", "--code", old, *options, "--force")
        given = ["--code", old] if options else []
        assert good("decode", tmp_path / "s.txt.huf", "-c", *given).data == raw
        text = shown(good("inspect", tmp_path / "s.txt.huf", *given).text)
        assert "raw values of escapes" in text
        book = good("inspect", tmp_path / "s.txt.huf", "--json", *given).json()
        items = {line["item"]: line["bits"] for line in book["ledger"]}
        assert items["raw values of escapes"] == 8 * (2 + 3 + 2 + 1 + 2 + 2 + 5)
        assert math.isclose(sum(items.values()), book["file_bits"])
    piped = good("encode", "-", "--code", old, stdin=raw)
    assert good("decode", "-", stdin=piped.data).data == raw
    good("encode", "-", "--code", old, "-o", tmp_path / "all.huf", stdin=b"7\n8\n")
    shown(good("inspect", tmp_path / "all.huf").text)
    assert good("inspect", tmp_path / "all.huf", "--json").json()["count"] == 2
