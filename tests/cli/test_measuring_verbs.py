"""`codec table`, `inspect`, `generate`: what they print, and that it adds up."""

import math
from fractions import Fraction

import numpy as np
import pytest
from command_line import files, good, refused
from scipy import stats

import codec
from codec.theory.sources import NAMES, built_in

RARE = (
    "fill of the last block",
    "raw values of escapes",
    "ranked labels",
    "prediction",
)  # shown only where there are any
TABLE = {
    "escape",
    *("rows", "entropy", "expected_length", "redundancy", "gallager_bound", "kraft_sum", "fixed_width"),
    *("alphabet_size", "max_length", "fingerprint", "weights_sum", "exact_weights"),
}
INSPECT = {
    *("count", "alphabet_size", "file_bits", "payload_bits", "original_bits", "mean_length", "entropy"),
    *("fixed_width", "fingerprint", "ledger"),
}


@pytest.fixture
def stream(tmp_path):
    path = tmp_path / "s.txt"
    good("generate", "nasa", "-n", 3000, "--seed", 7, "-o", path)
    return path


# table


@pytest.mark.parametrize("name", NAMES)
def test_a_table_adds_up(name):
    p, code = built_in(name), codec.huffman(built_in(name))
    report = good("table", name, "--json").json()
    assert set(report) >= TABLE
    rows = report["rows"]
    assert [row["codeword"] for row in rows] == [word.to01() for word in code.codewords.values()]
    assert [row["label"] for row in rows] == list(p.labels)
    assert math.isclose(sum(row["probability"] for row in rows), 1) and math.isclose(sum(r["share"] for r in rows), 1)
    assert all(row["information"] == -math.log2(row["probability"]) for row in rows)
    expected = sum(row["probability"] * row["length"] for row in rows)
    assert math.isclose(report["expected_length"], expected)
    assert math.isclose(report["entropy"], stats.entropy(p.probabilities, base=2))
    assert math.isclose(report["redundancy"], expected - report["entropy"], abs_tol=1e-12)
    assert -1e-12 <= report["redundancy"] <= report["gallager_bound"] + 1e-12
    assert Fraction(*report["kraft_sum"]) == sum(Fraction(1, 2 ** row["length"]) for row in rows) == 1


def test_a_table_on_the_screen_has_the_numbers_of_the_story():
    shown = good("table", "nasa").text
    for number in ("2.3231", "2.3700", "0.0469", "0.4861", "11101", "25.3 %"):
        assert number in shown


def test_a_long_table_is_cut_and_all_shows_it():
    shown = good("table", "geometric").text
    assert "192 others" in shown and "--all shows every label" in shown
    costs = [float(line.split()[-2]) for line in shown.splitlines()[2:66]]
    assert costs == sorted(costs, reverse=True)
    assert len(good("table", "geometric", "--all").text.splitlines()) > 256


@pytest.mark.parametrize("thing", ["code", "distribution"])
def test_a_saved_table_is_the_same_code(tmp_path, thing):
    good("table", "letters", "-o", tmp_path / "t.json", *(["--distribution"] if thing == "distribution" else []))
    assert (tmp_path / "t.json").read_text().startswith(f'{{\n  "kind": "{thing}"')
    again = good("table", tmp_path / "t.json", "--json").json()
    first = good("table", "letters", "--json").json()
    assert {**again, "weights_sum": None} == {**first, "weights_sum": None}
    on_standard_output = good("table", tmp_path / "t.json", "-o", "-").data  # a code, also of a distribution
    assert on_standard_output == good("table", "letters", "-o", "-").data
    assert codec.load(tmp_path / "t.json")


def test_an_existing_table_is_kept_unless_force(tmp_path):
    good("table", "nasa", "-o", tmp_path / "t.json")
    before = (tmp_path / "t.json").read_bytes()
    assert "exists already" in refused("table", "letters", "-o", tmp_path / "t.json")
    assert "never overwritten" in refused("table", tmp_path / "t.json", "-o", tmp_path / "t.json", "--force")
    assert (tmp_path / "t.json").read_bytes() == before
    good("table", "letters", "-o", tmp_path / "t.json", "--force")
    assert (tmp_path / "t.json").read_bytes() != before


def test_weights_that_do_not_sum_to_1_are_reported():
    assert "sum to 1.0002" in good("table", "letters").text
    assert "sum to" not in good("table", "nasa").text


def test_a_length_limit_says_its_price():
    assert (
        "The limit of 3 bits costs 0.630000 bits per reading (without it: 5 bits)"
        in good("table", "nasa", "--max-length", 3).text
    )


def test_labels_that_compare_equal_or_are_not_finite_keep_their_own_codewords(tmp_path):
    np.save(tmp_path / "a.npy", np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1.5, 1.5]))
    rows = good("table", tmp_path / "a.npy", "--json").json()["rows"]
    assert {row["spelling"] for row in rows} == {"0.0", "-0.0", "nan", "inf", "-inf", "1.5"}
    assert len({row["codeword"] for row in rows}) == 6
    good("encode", tmp_path / "a.npy")
    for shown in (good("table", tmp_path / "a.npy").text, good("inspect", tmp_path / "a.npy.huf").text):
        assert all(row["codeword"] in shown and row["spelling"] in shown for row in rows)


def test_labels_that_a_terminal_cannot_show_are_escaped_and_long_ones_shortened(tmp_path):
    (tmp_path / "odd.txt").write_bytes(b"\x1b[31mred\n\xff\n" + b"long" * 1000 + b"\n \n")
    for arguments in (
        ["table", tmp_path / "odd.txt"],
        ["encode", tmp_path / "odd.txt"],
        ["inspect", tmp_path / "odd.txt.huf"],
    ):
        shown = good(*arguments).text
        assert "\x1b" not in shown
        assert all(len(line) <= 100 for line in shown.splitlines()[3:])
        assert arguments[0] == "encode" or ("codeword" in shown and "share of cost" in shown)


def test_in_a_narrow_terminal_no_column_vanishes_and_no_number_loses_digits(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("".join(f"{'long' * 20 * (i % 3)}{i}\n" * 2**i for i in range(13)))
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "30", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    shown = good("table", tmp_path / "x").text
    assert "codeword" in shown and "share of cost" in shown
    assert all(row["codeword"][:9] in shown for row in good("table", tmp_path / "x", "--json").json()["rows"])
    assert "12.9998" in shown and "0.0001" in shown  # the least probability


# inspect


def test_the_ledger_of_a_file_sums_to_eight_times_its_size(tmp_path):
    for content, options in (
        (b"", []), (b"x\nx\n", []), (b"100\n105\n110\n105\n" * 999, []),
        (b"100\n105\n110\n105\n" * 999, ["--code", "peaked"]), (b"100\n105\n110\n105\n" * 999, ["--bytes"]),
        (b"1.25\n-3\n" * 5, ["--step", "0.5"]),
    ):  # fmt: skip
        path = tmp_path / "x"
        path.write_bytes(content)
        good("encode", path, *options, "-f")
        book = good("inspect", f"{path}.huf", "--json").json()
        assert set(book) >= INSPECT
        lines = {line["item"]: line["bits"] for line in book["ledger"]}
        assert all(set(line) == {"item", "bits"} for line in book["ledger"]) and len(lines) == len(book["ledger"])
        assert book["file_bits"] == 8 * (tmp_path / "x.huf").stat().st_size
        assert math.isclose(sum(lines.values()), book["file_bits"], rel_tol=1e-12)
        payload = lines["entropy"] + lines["rounding to whole bits"] + lines["price of this table"]
        assert math.isclose(payload, book["payload_bits"], rel_tol=1e-12, abs_tol=1e-9)
        assert book["original_bits"] == 8 * len(content)
        assert good("inspect", "-", "--json", stdin=(tmp_path / "x.huf").read_bytes()).json() == book
        shown = good("inspect", f"{path}.huf").text
        assert f"the sum = 8 × {book['file_bits'] // 8:,} bytes" in shown
        assert all(item in shown for item in lines if lines[item] or item not in RARE)


def test_inspect_counts_the_file_s_own_readings(stream):
    readings = [int(token) for token in stream.read_text().split()]
    _, counts = np.unique(readings, return_counts=True)
    entropy = stats.entropy(counts, base=2)
    good("encode", stream, "--code", "winter", "--no-table")
    book = good("inspect", f"{stream}.huf", "--code", "winter", "--json").json()
    winter, own = codec.huffman(built_in("winter")), codec.huffman(codec.Distribution.from_stream(readings))
    cost = {code: sum(len(code.codewords[reading]) for reading in readings) for code in (winter, own)}
    lines = {line["item"]: line["bits"] for line in book["ledger"]}
    assert book["count"] == 3000 and book["alphabet_size"] == 8 and book["fixed_width"] == 3
    assert math.isclose(book["entropy"], entropy)
    assert book["payload_bits"] == cost[winter] and book["mean_length"] == cost[winter] / 3000
    assert lines["price of this table"] == cost[winter] - cost[own] > 0
    assert math.isclose(lines["rounding to whole bits"], cost[own] - 3000 * entropy)
    assert lines["table"] == 0
    assert "not in the file" in good("inspect", f"{stream}.huf", "--code", "winter").text


def test_a_file_without_readings_has_nulls_where_there_is_nothing_to_measure(tmp_path):
    (tmp_path / "empty").touch()
    good("encode", tmp_path / "empty")
    book = good("inspect", tmp_path / "empty.huf", "--json").json()
    assert (book["count"], book["mean_length"], book["entropy"], book["payload_bits"]) == (0, None, None, 0)
    assert "nothing to save" in good("inspect", tmp_path / "empty.huf").text


# generate


def test_a_stream_is_the_same_for_the_same_seed_and_another_for_another(tmp_path):
    first = good("generate", "nasa", "-n", 500, "--seed", 3)
    assert good("generate", "nasa", "-n", 500, "--seed", 3).data == first.data
    assert good("generate", "nasa", "-n", 500, "--seed", 4).data != first.data
    good("generate", "nasa", "-n", 500, "--seed", 3, "-o", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == first.data and first.data.count(b"\n") == 500
    assert "500 readings; entropy rate 2.3231 bits per reading" in first.talk
    assert "exists already" in refused("generate", "nasa", "-o", tmp_path / "x")
    assert files(tmp_path) == ["x"]


def test_sticky_drifting_and_station_streams_say_their_rates():
    assert "entropy rate 0.5341" in good("generate", "nasa", "-n", 10, "--persistence", 0.9).talk
    assert "entropy rate 2." in good("generate", "nasa", "-n", 10, "--drift-to", "winter").talk
    station = good("generate", "station", "-n", 3)
    assert station.text.splitlines()[:2] == ["time,temperature", "2021-01-01T00:00,2.4"]
    assert "no closed form" in station.talk and station.text.count("\n") == 4
    assert "labels that the first lacks" in refused("generate", "nasa", "--drift-to", "letters")


def test_no_readings_are_an_empty_text():
    assert good("generate", "nasa", "-n", 0).data == b""
