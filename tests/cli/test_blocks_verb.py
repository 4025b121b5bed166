"""Blocks on the command line: `encode --block`, its files in `decode` and `inspect`, and `compare --blocks`."""

import math
from itertools import pairwise

import numpy as np
import pytest
from checks import npy_of, part
from command_line import fields, files, good, misused, refused, screen, table_file

import codec
from codec.codes.constructions import NAMES, construct
from codec.measure.mismatch import mismatch
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

NASA, PEAKED = built_in("nasa"), built_in("peaked")


@pytest.fixture
def sticky(tmp_path):
    path = tmp_path / "sticky.txt"
    good("generate", "nasa", "-n", 20_001, "--persistence", 0.9, "-o", path)
    return path


def readings_of(path):
    return [int(line) for line in path.read_text().split()]


# encode and decode


def test_a_file_of_blocks_comes_back_and_one_reading_a_block_is_the_plain_file(stream):
    plain = good("encode", stream, "-c", "-q").data
    for k in (1, 2, 3, 4, 7):
        talk = good("encode", stream, "--block", k, "-f").talk
        assert talk.startswith(f"{stream}: 3,001 readings, ") and talk.count("\n") == 1
        data = (stream.parent / "s.txt.huf").read_bytes()
        assert part(data, "header").number(data, "parameter") == (k if k > 1 else 0) and (data == plain) == (k == 1)
        assert good("decode", f"{stream}.huf", "-c").data == stream.read_bytes()
        assert "3,001 readings, all is well" in good("decode", "--test", f"{stream}.huf").talk
        assert codec.decode(data).tolist() == readings_of(stream)


def test_what_the_verb_writes_is_what_encode_writes_also_from_standard_input(stream):
    text = good("encode", stream, "--block", 3, "-c", "-q").data
    array = codec.encode(np.array(readings_of(stream)), per_codeword=3)
    for section, field in (("table", "table"), ("block", "payload")):
        assert part(text, section).read(text, field) == part(array, section).read(array, field)
    assert good("encode", "-", "--block", 3, "-c", stdin=stream.read_bytes()).data == text


@pytest.mark.slow
def test_every_kind_of_stream_comes_back(tmp_path):
    for name, raw, arguments, cells in (
        ("x.csv", b"day,level\r\n1,100\r\n2,105\r\n3,100\r\n", ["--column", "level"], b"100\n105\n100\n"),
        ("x.bin", bytes(range(200)) * 3 + b"\n", ["--bytes"], None),
        ("x.npy", npy_of(np.array([[3, 5, 3], [5, 3, 3], [1, 1, 1]], ">i4")), [], None),
        ("words.txt", b"on\noff\n\nof", [], None), ("none.txt", b"", [], None),
        ("grid.txt", b"2.4449\n2.51\n2.39\n", ["--step", "0.1"], b"2.4\n2.5\n2.4\n"),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(raw)
        for k in (2, 5):
            good("encode", tmp_path / name, *arguments, "--block", k, "-o", tmp_path / "coded.huf", "-f")
            assert good("decode", tmp_path / "coded.huf", "-c").data == (raw if cells is None else cells)
            book = fields("inspect", tmp_path / "coded.huf")
            assert math.fsum(row["bits"] for row in book["ledger"]) == pytest.approx(book["file_bits"], abs=1e-6)


def test_blocks_take_any_construction(stream):
    readings = readings_of(stream)
    pairs = list(zip(readings[::2], [*readings[1::2], 100], strict=True))  # filled up with the first label
    labels = sorted(set(pairs))
    p = Distribution(range(len(labels)), [pairs.count(label) for label in labels])
    for name in NAMES:
        data = good("encode", stream, "--block", 2, "--construction", name, "-c").data
        assert good("decode", "-", stdin=data).data == stream.read_bytes()
        bits = dict(zip(labels, construct(name, p).lengths.tolist(), strict=True))
        last = min(bits[label] for label in labels if label[0] == readings[-1])
        payload = sum(bits[pair] for pair in pairs[:-1]) + last
        assert part(data, "block").number(data, "payload bits") == payload
        assert fields("inspect", "-", stdin=data)["payload_bits"] == payload


def test_blocks_keep_to_a_limit_and_one_that_is_too_short_is_wrong_usage(stream):
    short, free = (good("encode", stream, "--block", 2, "-c", *options).data for options in (["--max-length", 6], []))
    assert good("decode", "-", stdin=short).data == stream.read_bytes()
    assert fields("inspect", "-", stdin=short)["payload_bits"] > part(free, "block").number(free, "payload bits")
    assert "do not fit into 3 bits" in misused("encode", stream, "--block", 2, "--max-length", 3, "-c")


def test_wrong_blocks_are_wrong_usage(stream):
    for block in (0, -1, 65, 1000):
        assert "--block: a number of readings, from 1 to 64" in misused("encode", stream, "--block", block)
        talk = misused("compare", "nasa", "peaked", "--blocks", block)
        assert "--blocks: a number of readings, from 1 to 64" in talk
    assert "--block: a number of readings, from 1 to 64" in misused("encode", stream, "--block", "2.5")
    for block in (1, 2, 64):
        for more in ([], ["--no-table"]):
            talk = misused("encode", stream, "--block", block, "--code", "nasa", *more)
            assert "for a code that is learned" in talk
    assert "--no-table needs --code" in misused("encode", stream, "--block", 2, "--no-table")
    assert files(stream.parent) == ["s.txt"]


def test_too_many_different_blocks_are_told_with_the_largest_that_fits(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("".join(f"{x}\n" for x in np.random.default_rng(1).integers(0, 400, 200_000).tolist()))
    talk = refused("encode", path, "--block", 2)
    assert "has more than 65,536 different blocks of 2 readings: no block of more than one reading fits" in talk
    path.write_text("".join(f"{x}\n" for x in range(300)))
    assert "blocks of 7 fit" in refused("encode", path, "--block", 20)
    good("encode", path, "--block", 7)
    assert files(tmp_path) == ["many.txt", "many.txt.huf"]


def test_damage_and_limits_are_told_in_one_line(stream):
    good("encode", stream, "--block", 3)
    path, size = stream.parent / "s.txt.huf", stream.stat().st_size
    assert "more than the limit of 100 bytes" in refused("decode", path, "-c", "--max-output", 100)
    assert "limit" in refused("decode", path, "-c", "--max-output", size - 1)
    assert good("decode", path, "-c", "--max-output", size).data == stream.read_bytes()
    data = path.read_bytes()
    for changed in (data[:-30], data + b"\0", data[:60] + bytes([data[60] ^ 1]) + data[61:]):
        path.write_bytes(changed)
        refused("decode", path, "-o", stream.parent / "out")
        refused("inspect", path)
    assert files(stream.parent) == ["s.txt", "s.txt.huf"]


# inspect


def test_inspect_accounts_for_every_bit_of_blocks(stream):
    good("encode", stream, "--block", 3)
    book = fields("inspect", f"{stream}.huf")
    lines = {row["item"]: row["bits"] for row in book["ledger"]}
    assert math.fsum(lines.values()) == pytest.approx(book["file_bits"], abs=1e-6)
    assert book["file_bits"] == 8 * (stream.parent / "s.txt.huf").stat().st_size
    assert lines["fill of the last block"] > 0 and 3001 % 3 == 1
    readings = readings_of(stream)
    assert (book["count"], book["alphabet_size"], book["fixed_width"]) == (3001, 8, 3)
    assert book["mean_length"] == book["payload_bits"] / 3001
    assert book["entropy"] == pytest.approx(Distribution.from_stream(readings).entropy(), abs=1e-12)
    tuples = [tuple(readings[i : i + 3]) for i in range(0, 3000, 3)]
    own = [tuples.count(row) for row in sorted(set(tuples))]
    assert lines["entropy"] == pytest.approx(1000 * Distribution(range(len(own)), own).entropy())
    assert lines["rounding to whole bits"] >= 0


def test_inspect_shows_blocks_within_100_columns_and_their_fill_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of the file stands in a line
    (tmp_path / "x.txt").write_bytes(b"100\n" * 100 + b"105\n100\n" * 1000 + b"105\n")
    for k in (2, 3, 20):
        good("encode", "x.txt", "--block", k, "-f")
        for arguments in ([], ["--all"]):
            shown = screen("inspect", "x.txt.huf", *arguments)
            for words in ("fill of the last block", "readings that are not there", "2,101 readings of 2 labels",
                          "the sum = 8 ×", "100 100", "105 100"):  # fmt: skip
                assert words in shown
    (tmp_path / "x.txt").write_bytes(b"1\n2\n1\n2\n")
    good("encode", "x.txt", "--block", 2, "-f")
    assert "fill of" not in screen("inspect", "x.txt.huf")
    (tmp_path / "x.txt").write_bytes(b"7\n")
    good("encode", "x.txt", "--block", 3, "-f")
    assert "fill of the last block" in screen("inspect", "x.txt.huf")
    book = fields("inspect", "x.txt.huf")
    assert (book["count"], book["entropy"], book["mean_length"]) == (1, 0, 1)


def test_blocks_gain_from_the_memory_of_a_sticky_source(sticky):
    books = []
    for k in range(1, 5):
        good("encode", sticky, "--block", k, "-f")
        books.append(fields("inspect", f"{sticky}.huf"))
    for key in ("mean_length", "file_bits"):
        assert all(b[key] < a[key] for a, b in pairwise(books))
    lengths = [book["mean_length"] for book in books]
    assert lengths[0] > 2.2 and lengths[1] < 1.5 and lengths[3] < 1  # the entropy rate is 0.53
    assert lengths[1] < books[0]["entropy"]  # below what single readings are worth


# compare

BLOCK_ROW = {
    *("q", "k", "construction", "entropy", "own_expected_length", "kl_prediction", "infinite", "dead_space", "count"),
    *("expected_length", "expected_extra", "rounding_difference", "measured_length", "measured_extra"),
    *("standard_error", "z", "empirical", "missing", "unmeasured"),
}


def walked(*arguments):
    """The rows of a comparison in blocks."""
    return fields("compare", *arguments)["blocks"]


@pytest.mark.slow
def test_compare_walks_through_blocks_for_huffman_and_for_shannon():
    result = fields("compare", "nasa", "peaked", "--blocks", 3, "-n", 20_000)
    rows = result["blocks"]
    assert all(set(row) == BLOCK_ROW for row in rows)
    assert [(row["q"], row["construction"], row["k"]) for row in rows] == [
        ("peaked", name, k) for name in ("huffman", "shannon") for k in (1, 2, 3)
    ]
    sample = NASA.sample(20_000, 1)
    for row in rows:
        price = as_json(mismatch(NASA, PEAKED, sample, construction=row["construction"], per_codeword=row["k"]))
        assert {key: row[key] for key in price} == price
        assert abs(row["z"]) < 5  # seeded
        if row["construction"] == "shannon":
            above = row["expected_length"] - row["entropy"]
            assert row["kl_prediction"] <= above < row["kl_prediction"] + 1 / row["k"]
    without = fields("compare", "nasa", "peaked", "-n", 20_000)
    assert "blocks" not in without and without == {key: result[key] for key in without}


@pytest.mark.slow
def test_the_walk_to_five_is_that_of_the_design_and_ends_unmeasured_and_stops_where_tuples_are_too_many():
    rows = walked("nasa", "peaked", "--blocks", 64, "-n", 3000)
    assert sorted({row["k"] for row in rows}) == [1, 2, 3, 4, 5]  # 8^5 is below 65,536, and 8^6 is not
    of_huffman = [row for row in rows if row["construction"] == "huffman"]
    assert [round(row["expected_extra"], 3) for row in of_huffman] == [0.14, 0.965, 1.076, 1.358, 1.408]
    assert [row["measured_extra"] is None for row in of_huffman] == [False] * 4 + [True]
    shown = screen("compare", "nasa", "peaked", "--blocks", 5, "-n", 0)
    assert "no file holds codewords of more than 32 bits" in shown
    assert "for Huffman's it is an observation, and no steady walk." in " ".join(shown.split())
    line = next(line.split() for line in shown.splitlines() if line.split()[:3] == ["peaked", "huffman", "5"])
    assert line[3:] == ["1.4082", "–", "–", "–", "1.5444"]


def test_compare_shows_each_q_in_blocks_with_the_construction_asked_for():
    rows = walked("nasa", "winter", "peaked", "--blocks", 2, "-n", 0, "--construction", "fano")
    assert [(row["q"], row["construction"], row["k"]) for row in rows] == [
        (q, name, k) for q in ("winter", "peaked") for name in ("fano", "shannon") for k in (1, 2)
    ]
    assert all(row["measured_extra"] is None and row["count"] == 0 for row in rows)
    shannon = walked("nasa", "winter", "--blocks", 1, "-n", 600, "--construction", "shannon")
    assert [(row["construction"], row["k"]) for row in shannon] == [("shannon", 1)]
    shown = screen("compare", "nasa", "winter", "peaked", "--blocks", 2, "-n", 600)
    assert "With k readings in a codeword" in shown
    walk = [line.split()[:3] for line in shown.splitlines() if line.startswith(("winter ", "peaked "))][2:]
    assert walk == [[q, name, k] for q in ("winter", "peaked") for name in ("huffman", "shannon") for k in "12"]


def test_what_q_rules_out_is_infinite_in_blocks_too(tmp_path):
    arguments = ["nasa", table_file(tmp_path / "q.json", [100, 105], weights=[1, 3]), "--blocks", 2, "-n", 500]
    rows = walked(*arguments)
    assert len(rows) == 4
    for row in rows:
        assert row["infinite"] and row["kl_prediction"] is row["expected_extra"] is row["measured_extra"] is None
    assert "∞" in screen("compare", *arguments)


def test_tables_are_not_walked_through(tmp_path):
    good("table", "peaked", "-o", tmp_path / "t.json")
    result = fields("compare", "nasa", tmp_path / "t.json", "winter", "--blocks", 2, "-n", 500)
    assert {row["q"] for row in result["blocks"]} == {"winter"}
    assert len(result["rows"]) == 3


def test_a_q_with_labels_of_another_form_is_spelled_alike_in_blocks(tmp_path):
    (tmp_path / "s.txt").write_text("2.0\n2.1\n2.0\n2.2\n" * 300)
    q = table_file(tmp_path / "q.json", [2.2, 2.1, 2.0], label_kind="float", weights=[2, 1, 1])
    for row in walked(tmp_path / "s.txt", q, "--blocks", 3):
        assert not row["infinite"] and row["expected_extra"] is not None and row["measured_extra"] is not None


def test_blocks_are_measured_on_the_memory_that_expectations_do_not_know(sticky):
    """Expected is what independent readings cost: a sticky stream in pairs is cheaper under its own distribution."""
    rows = walked("nasa", "winter", "--blocks", 2, "--stream", sticky)
    one, two = (row for row in rows if row["construction"] == "huffman")
    assert two["measured_extra"] != pytest.approx(two["expected_extra"], abs=1e-3)
    assert one["count"] == two["count"] == 20_001
