"""`--construction` on table, encode and compare, Shannon's rows of compare, and `table --certify`."""

import json
import math
from itertools import product

import numpy as np
import pytest
from command_line import fields, files, good, misused, refused, screen, table_file
from scipy import stats

import codec
from codec.codes.constructions import NAMES, construct
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

NASA = built_in("nasa")


@pytest.fixture
def saved(tmp_path):
    good("table", "nasa", "-o", tmp_path / "t.json")
    return tmp_path / "t.json"


def readings_of(path):
    return [int(token) for token in path.read_text().split()]


# table


def test_a_table_has_the_lengths_of_its_construction():
    for name in NAMES:
        report, code = fields("table", "nasa", "--construction", name), construct(name, NASA)
        assert [row["length"] for row in report["rows"]] == code.lengths.tolist()
        assert report["fingerprint"] == code.fingerprint and report["expected_length"] == code.expected_length(NASA)
        assert [row["codeword"] for row in report["rows"]] == [word.to01() for word in code.codewords.values()]


def test_a_saved_table_of_any_construction_is_a_table_like_others(tmp_path, stream):
    p, table = Distribution.from_stream(readings_of(stream)), tmp_path / "t.json"
    for name in NAMES:
        good("table", stream, "--construction", name, "-o", table, "-f")
        assert codec.load(table).lengths.tolist() == construct(name, p).lengths.tolist()
        data = good("encode", stream, "--code", table, "--no-table", "-c").data
        assert good("decode", "-", "--code", table, stdin=data).data == stream.read_bytes()


def test_a_construction_takes_smoothed_weights():
    report = fields("table", "nasa", "--construction", "shannon", "--smooth", 5)
    smooth = NASA.smoothed(5)
    assert [row["length"] for row in report["rows"]] == construct("shannon", smooth).lengths.tolist()


def test_only_huffman_keeps_to_a_limit_and_has_an_escape():
    fano = ["table", "nasa", "--construction", "fano"]
    assert "only Huffman's construction can keep to one" in misused(*fano, "--max-length", 4)
    assert "limit of" not in good(*fano, "--max-length", 9).text
    assert "limit of" in good("table", "nasa", "--construction", "huffman", "--max-length", 4).text
    assert "--escape is for Huffman's" in misused(*fano, "--escape")
    good("table", "nasa", "--construction", "huffman", "--escape")


def test_gallagers_bound_is_not_held_against_codes_that_are_not_optimal():
    assert "Gallager's bound: 0.4861, for optimal codes" in good("table", "nasa", "--construction", "fixed").text
    assert "for optimal codes" not in good("table", "nasa").text


# a saved table has its own lengths


def test_what_has_its_lengths_already_is_not_constructed(saved, stream):
    for name, table in product(NAMES, (saved, "hpack")):
        for arguments in (["table", table], ["table", table, "--smooth", 1], ["encode", stream, "--code", table],
                          ["compare", "nasa", "winter", table]):  # fmt: skip
            assert "has its lengths already" in misused(*arguments, "--construction", name)
    assert files(stream.parent) == ["s.txt", "t.json"]


def test_an_unknown_construction_is_wrong_usage(stream):
    for arguments in (["table", "nasa"], ["encode", stream], ["compare", "nasa", "winter"]):
        assert "invalid choice: 'golomb'" in misused(*arguments, "--construction", "golomb")


# encode


@pytest.mark.slow
def test_a_file_holds_the_code_of_the_construction_and_comes_back(stream):
    readings = readings_of(stream)
    learned = ([], Distribution.from_stream(readings))
    for name, (given, p) in product(NAMES, (learned, (["--code", "winter"], built_in("winter")))):
        code, data = construct(name, p), good("encode", stream, "--construction", name, *given, "-c").data
        book = fields("inspect", "-", stdin=data)
        assert book["fingerprint"] == code.fingerprint
        assert book["payload_bits"] == sum(len(code.codewords[reading]) for reading in readings)
        assert good("decode", "-", stdin=data).data == stream.read_bytes()


def test_small_streams_come_back():
    for name, content in product(NAMES, (b"", b"x\nx\n", b"x\ny")):
        data = good("encode", "-", "--construction", name, stdin=content).data
        assert good("decode", "-", stdin=data).data == content


def test_a_file_without_its_table_needs_a_code_that_can_be_given_again(stream):
    arguments = ["encode", stream, "--code", "winter", "--no-table", "--construction"]
    assert "save one (codec table --construction)" in misused(*arguments, "shannon")
    good(*arguments, "huffman")
    assert good("decode", f"{stream}.huf", "--code", "winter", "-c").data == stream.read_bytes()


def test_codewords_that_no_file_holds_are_refused(tmp_path, stream):
    table_file(tmp_path / "q.json", [100, 105], weights=[1, 1e-12])
    talk = refused("encode", stream, "--code", tmp_path / "q.json", "--construction", "shannon")
    assert "codewords of up to 40 bits, and the limit is 32" in talk
    assert "only Huffman's" in misused("encode", stream, "--construction", "shannon", "--max-length", 3)
    for limit in (0, -1):
        assert "--max-length: a number of bits, at least 1" in misused("encode", stream, "--max-length", limit)
    assert files(tmp_path) == ["q.json", "s.txt"]


# compare


def test_shannons_code_stands_beside_huffmans_and_keeps_to_its_bound():
    result = fields("compare", "nasa", "winter", "uniform", "peaked")
    rows = result["rows"]
    names = list(product(("winter", "uniform", "peaked"), ("huffman", "shannon")))
    assert [(row["q"], row["construction"]) for row in rows] == names
    for huffman, shannon in zip(rows[::2], rows[1::2], strict=True):
        q = built_in(shannon["q"])
        assert huffman.keys() == shannon.keys()
        assert shannon["kl_prediction"] == huffman["kl_prediction"]
        assert math.isclose(shannon["kl_prediction"], stats.entropy(NASA.probabilities, q.probabilities, base=2))
        assert shannon["expected_length"] == construct("shannon", q).expected_length(NASA)
        assert math.isclose(shannon["expected_extra"], shannon["expected_length"] - 2.37, abs_tol=1e-12)
        above_entropy = shannon["expected_length"] - result["entropy"]
        assert shannon["kl_prediction"] - 1e-9 <= above_entropy < shannon["kl_prediction"] + 1
        difference = shannon["expected_extra"] - shannon["kl_prediction"]
        assert math.isclose(shannon["rounding_difference"], difference, abs_tol=1e-9)
        assert shannon["standard_error"] is None or abs(shannon["z"]) < 5
    peaked = rows[-2:]  # the bound that Huffman's code for q breaks
    assert peaked[0]["expected_length"] - result["entropy"] < peaked[0]["kl_prediction"] - 1


def test_on_the_screen_the_rows_have_names_and_the_bound_is_said():
    shown = good("compare", "nasa", "winter", "-n", 1000).text
    names = [line.split("  ")[0] for line in shown.splitlines()]
    assert names[5:7] == ["winter", "winter, Shannon"]
    assert "H(p) + D(p‖q) ≤ E_p[l] < H(p) + D(p‖q) + 1" in shown
    shown = good("compare", "nasa", "hpack", "-n", 1000).text
    assert "Shannon" not in shown


def test_measured_is_what_files_written_with_shannons_code_weigh(stream):
    readings = readings_of(stream)
    rows = fields("compare", "nasa", "winter", "--stream", stream)["rows"]
    words = construct("shannon", built_in("winter")).codewords
    assert rows[1]["measured_length"] == sum(len(words[reading]) for reading in readings) / 3001


def test_the_code_for_each_q_is_built_as_it_is_said():
    for name in NAMES:
        rows = fields("compare", "nasa", "winter", "peaked", "-n", 1000, "--construction", name)["rows"]
        names = list(dict.fromkeys([name, "shannon"]))
        assert [(row["q"], row["construction"]) for row in rows] == list(product(("winter", "peaked"), names))
        for row in rows:
            code = construct(row["construction"], built_in(row["q"]))
            assert row["expected_length"] == code.expected_length(NASA) and row["dead_space"] is None


def test_a_table_has_a_row_of_its_own_and_no_construction(saved):
    rows = fields("compare", "nasa", saved, "winter", "-n", 1000)["rows"]
    assert [row["construction"] for row in rows] == [None, "huffman", "shannon"]


def test_what_shannon_makes_too_long_for_a_file_is_expected_and_not_measured(tmp_path):
    table_file(tmp_path / "q.json", [100, 105], weights=[1, 1e-12])
    table_file(tmp_path / "p.json", [100, 105], weights=[1, 1])
    arguments = ["compare", tmp_path / "p.json", tmp_path / "q.json", "-n", 1000]
    result = fields(*arguments)
    huffman, shannon = result["rows"]
    assert result["count"] == 1000 and huffman["measured_extra"] == huffman["expected_extra"] == 0
    assert shannon["expected_length"] == (1 + 40) / 2
    assert shannon["measured_length"] is shannon["measured_extra"] is shannon["standard_error"] is shannon["z"] is None
    assert "codewords of 40 bits, and a file holds up to 32" in " ".join(good(*arguments).text.split())
    assert "not measured" not in good("compare", "nasa", "winter", "-n", 0).text
    assert "cannot be measured" in refused(*arguments, "--construction", "shannon")


def test_a_q_of_a_single_label_is_shannons_exception(tmp_path):
    table_file(tmp_path / "one.json", [100], weights=[1])
    rows = fields("compare", tmp_path / "one.json", tmp_path / "one.json", "-n", 500)["rows"]
    assert [(row["expected_length"], row["kl_prediction"]) for row in rows] == [(1, 0), (1, 0)]


# table --certify


def test_the_certificate_stands_below_the_totals_and_in_json(tmp_path):
    table_file(tmp_path / "p.json", list(range(8)), weights=[1, 1, 1, 2, 3, 5, 8, 13])
    shown = good("table", tmp_path / "p.json", "--certify").text
    assert shown.index("fingerprint") < shown.index("prefix property")
    assert "4         bits: the longest codeword" in shown and "optimal for p         yes" in shown
    report = fields("table", tmp_path / "p.json", "--certify")
    p = codec.load(tmp_path / "p.json")
    assert report["certificate"] == json.loads(json.dumps(as_json(codec.huffman(p).certificate(p))))
    assert report["certificate"]["least_depth"] == 4
    assert "certificate" not in fields("table", tmp_path / "p.json")
    assert "prefix property" not in good("table", tmp_path / "p.json").text


def test_a_certificate_says_whether_a_construction_is_optimal():
    winter = built_in("winter")
    best = codec.huffman(winter).expected_length(winter)
    for name in NAMES:
        arguments = ["table", "winter", "--construction", name, "--certify"]
        report, cost = fields(*arguments)["certificate"], construct(name, winter).expected_length(winter)
        assert report["prefix_free"] is True and report["optimal"] == (cost == best)
        assert ("this code costs" in screen(*arguments)) == (cost > best)


def test_tables_of_every_sort_can_be_certified(tmp_path, saved):
    np.save(tmp_path / "a.npy", np.array([0.0, -0.0, np.nan, 1.5, 1.5]))
    (tmp_path / "one").write_text("7\n7\n")
    for source, *options in (
        *([saved], ["hpack"], ["jpeg-ac-luminance"], [tmp_path / "a.npy"], ["letters"], ["geometric"]),
        *(["nasa", "--escape"], ["nasa", "--max-length", 3], ["nasa", "--smooth", 1], [tmp_path / "one"]),
    ):
        report = fields("table", source, *options, "--certify")["certificate"]
        assert report["prefix_free"] is True and report["cost"] >= report["huffman_cost"]
        shown = good("table", source, *options, "--certify").text
        assert "H ≤ E[l] < H + 1" in shown
    assert "a single label takes its bit" in shown
