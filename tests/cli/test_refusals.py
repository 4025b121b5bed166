"""What the command line refuses: in one line that names the file, the place and the way out, and writing nothing."""

import json

import numpy as np
import pytest
from command_line import files, good, misused, program, refused

import codec
from codec.theory.sources import built_in

READINGS = b"100\n105\n105\n110\n"


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "s.txt"
    path.write_bytes(READINGS)
    return path


def table_file(folder, text):
    path = folder / "t.json"
    path.write_text(text)
    return path


def distribution(labels, weights):
    return f'{{"kind": "distribution", "labels": {labels}, "weights": {weights}}}'


def code(labels, lengths, more=""):
    return f'{{"kind": "code", "labels": {labels}, "lengths": {lengths}{more}}}'


TABLES = {
    "NaN": (distribution("[100, 105]", "[1, NaN]"), "the weight of label 105 is NaN"),
    "infinite": (distribution("[100, 105]", "[Infinity, 1]"), "the weight of label 100 is Infinity"),
    "negative": (distribution('["a", "b"]', "[1, -0.5]"), "the weight of label 'b' is -0.5"),
    "all zero": (distribution("[100, 105]", "[0, 0.0]"), "all weights are zero"),
    "empty": (distribution("[]", "[]"), "at least one label"),
    "a label twice": (distribution("[100, 105, 100]", "[1, 1, 1]"), "label 100 stands twice in the distribution"),
    "a label twice in a code": (code('["a", "b", "a"]', "[1, 2, 2]"), "label 'a' stands twice in the code"),
    "a weight too few": (distribution("[100, 105]", "[1]"), "2 labels and 1 weight:"),
    "no number": (distribution("[100, 105]", '[1, "1"]'), "the weight of label 105 is '1'"),
    "labels of two kinds": (distribution('[100, "105"]', "[1, 1]"), "of one kind"),
    "a label that is none": (distribution("[100, null]", "[1, 1]"), "a label is a number or a string, not null"),
    "over-full": (code("[1, 2, 3]", "[1, 1, 1]"), "over-full: their Kraft sum is 3/2"),
    "no codeword": (code("[1, 2]", "[0, 0]"), "all code lengths are 0"),
    "negative length": (code("[1, 2]", "[1, -1]"), "the code length of label 2 is -1"),
    "changed": (code("[1, 2]", "[1, 1]", ', "fingerprint": "0123456789abcdef"'), "it has been changed"),
    "no weights": ('{"kind": "distribution", "labels": [1]}', '"weights"'),
    "no kind": ('{"labels": [1], "weights": [1]}', '"kind"'),
    "no table": ("[1, 2]", "a table is a JSON object"),
    "cut short": ('{"kind": "distribution", "labels": [1', "is not JSON"),
    "empty file": ("", "is not JSON"),
    "nested": ("[" * 100_000, "nested too deeply"),
    "a huge exponent": (distribution("[1, 2]", "[1, 1e-999999999]"), "too small"),
    "text beyond all kinds": (distribution("[1, 2]", "[1, 1e999999999999999999999]"), "t.json"),
}


@pytest.mark.parametrize(("content", "reason"), TABLES.values(), ids=TABLES)
def test_a_table_that_is_none_is_refused_by_every_verb(tmp_path, text, content, reason):
    table = table_file(tmp_path, content)
    out = tmp_path / "out"
    for arguments in (
        ["table", table, "-o", out],
        ["encode", text, "--code", table, "-o", out],
        ["compare", table, "nasa"],
        ["compare", "nasa", table],
        ["generate", table, "-o", out],
    ):
        line = refused(*arguments)
        assert str(table) in line and reason in line
    assert files(tmp_path) == ["s.txt", "t.json"]


def test_a_code_without_weights_is_no_distribution(tmp_path):
    table = table_file(tmp_path, code("[1, 2]", "[1, 1]"))
    for arguments in (["generate", table], ["compare", table, "nasa"]):
        assert "without weights" in refused(*arguments)


def test_codewords_that_no_file_holds_are_refused_with_the_way_out(tmp_path, text):
    weights = [1, 1]
    while len(weights) < 40:
        weights.append(weights[-1] + weights[-2])
    table = table_file(tmp_path, distribution(json.dumps(list(range(100, 140))), json.dumps(weights)))
    good("table", table, "-o", tmp_path / "code.json")
    line = refused("encode", text, "--code", tmp_path / "code.json")
    assert "codewords of 39 bits, and files hold at most 32: make it with --max-length 32" in line
    assert "39 bits" in refused("compare", table, table)
    good("encode", text, "--code", table)  # a distribution gets a code that fits
    good("table", table, "--max-length", 32, "-o", tmp_path / "short.json")
    good("encode", text, "--code", tmp_path / "short.json", "-f")


def test_more_labels_than_a_file_can_number_are_refused(tmp_path, text):
    table = table_file(tmp_path, distribution(list(range(65_537)), [1] * 65_537))
    assert "65,537 codewords" in refused("encode", text, "--code", table)
    assert files(tmp_path) == ["s.txt", "t.json"]


def test_a_reading_without_a_codeword_is_named_with_its_line_and_counted(tmp_path, text):
    text.write_bytes(READINGS + b"999\n100\n999\n7\n")
    line = refused("encode", text, "--code", "nasa")
    assert f"{text}, line 5: the reading 999 has no codeword" in line and "3 of 8 readings" in line
    (tmp_path / "x.csv").write_bytes(b"t,w\n100,a\n101,b\n")
    line = refused("encode", tmp_path / "x.csv", "--column", "t", "--code", "nasa")
    assert "row 2: the reading 101 has no codeword" in line and "1 of 2 readings" in line
    np.save(tmp_path / "a.npy", np.array([100, 105, 106]))
    line = refused("encode", tmp_path / "a.npy", "--code", "nasa")
    assert "position 2: the reading 106 has no codeword" in line
    table = table_file(tmp_path, distribution("[100, 105, 110]", "[1, 1, 0]"))  # weight 0: no codeword
    text.write_bytes(READINGS)
    assert "line 4: the reading 110 has no codeword" in refused("encode", text, "--code", table)
    assert files(tmp_path) == ["a.npy", "s.txt", "t.json", "x.csv"]


def test_another_table_than_the_file_s_is_refused_with_both_fingerprints(tmp_path, text):
    right, wrong = (codec.huffman(built_in(name)).fingerprint for name in ("nasa", "winter"))
    for options in ([], ["--no-table"]):
        good("encode", text, "--code", "nasa", "-f", *options)
        for verb in ("decode", "inspect"):
            line = refused(verb, f"{text}.huf", "--code", "winter")
            assert right in line and wrong in line and f"{text}.huf" in line
    text.unlink()
    refused("decode", f"{text}.huf", "--code", "winter")
    assert files(tmp_path) == ["s.txt.huf"]


def test_a_file_without_a_table_needs_the_one_it_was_written_with(tmp_path, text):
    good("encode", text, "--code", "nasa", "--no-table")
    text.unlink()
    for verb in ("decode", "inspect"):
        line = refused(verb, f"{text}.huf")
        assert codec.huffman(built_in("nasa")).fingerprint in line and "--code" in line
    assert files(tmp_path) == ["s.txt.huf"]


def test_a_file_without_a_table_and_without_a_code_is_never_written(tmp_path, text):
    assert "--no-table needs --code" in misused("encode", text, "--no-table")
    assert files(tmp_path) == ["s.txt"]


def test_a_missing_column_lists_the_columns(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"day,temp max,w\n1,2,3\n")
    for arguments in (["encode", path], ["table", path], ["compare", path, "nasa"]):
        line = refused(*arguments, "--column", "temp")
        assert f"{path} has no column 'temp'; it has 'day', 'temp max', 'w'" in line
    assert "it has none" in refused("encode", "-", "--column", "temp", stdin=b"")
    assert files(tmp_path) == ["x.csv"]


def test_a_row_without_the_column_is_named(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,2\n3\n")
    line = refused("encode", tmp_path / "x.csv", "--column", "b")
    assert "line 3" in line and "'b'" in line
    assert files(tmp_path) == ["x.csv"]


def test_an_empty_stream_has_no_distribution(tmp_path):
    (tmp_path / "e").touch()
    for arguments in (
        ["table", tmp_path / "e"],
        ["compare", tmp_path / "e", "nasa"],
        ["compare", "nasa", tmp_path / "e"],
    ):
        assert f"{tmp_path / 'e'} is empty" in refused(*arguments)


def test_an_npy_file_that_is_damaged_or_holds_objects_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(1000))
    whole = (tmp_path / "a.npy").read_bytes()
    for size in (7, 9, 60, len(whole) - 1):
        (tmp_path / "a.npy").write_bytes(whole[:size])
        assert str(tmp_path / "a.npy") in refused("encode", tmp_path / "a.npy") if size > 7 else True
    np.save(tmp_path / "a.npy", np.array([1, "a"], object), allow_pickle=True)
    assert "--bytes" in refused("encode", tmp_path / "a.npy")
    assert files(tmp_path) == ["a.npy"]


def test_a_coded_file_is_no_stream_of_lines(text):
    good("encode", text)
    for arguments in (["encode"], ["table"], ["compare", "nasa"]):
        assert "decode it first" in refused(*arguments, f"{text}.huf")


# Damage


def test_a_file_of_another_kind_is_refused(tmp_path, text):
    for verb in ("decode", "inspect"):
        line = refused(verb, text, *(["-o", tmp_path / "out"] if verb == "decode" else []))
        assert f"{text}: this is not a .huf file" in line
    assert files(tmp_path) == ["s.txt"]


def test_every_truncation_is_refused_and_leaves_no_file(tmp_path, text):
    whole = good("encode", text, "-c").data
    path, out = tmp_path / "x.huf", tmp_path / "x"
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert f"{path}: " in refused("decode", path)
        assert not out.exists()
    assert files(tmp_path) == ["s.txt", "x.huf"]


def test_every_flipped_bit_is_refused_and_leaves_no_file(tmp_path, text):
    whole = good("encode", text, "-c").data
    path = tmp_path / "x.huf"
    for bit in range(8 * len(whole)):
        broken = bytearray(whole)
        broken[bit // 8] ^= 0x80 >> bit % 8
        path.write_bytes(broken)
        assert f"{path}: " in refused("decode", path, "--code", "nasa") if bit % 7 == 0 else refused("decode", path)
    assert files(tmp_path) == ["s.txt", "x.huf"]


@pytest.mark.parametrize("appended", [b"\0", b"\n", b"E", "itself"])
def test_what_is_appended_is_refused(tmp_path, text, appended):
    whole = good("encode", text, "-c").data
    (tmp_path / "x.huf").write_bytes(whole + (whole if appended == "itself" else appended))
    for verb in ("decode", "inspect"):
        assert "behind the end" in refused(verb, tmp_path / "x.huf")
    assert files(tmp_path) == ["s.txt", "x.huf"]


def test_damage_in_the_last_block_leaves_no_file_though_the_first_was_written(tmp_path):
    broken = bytearray(codec.encode(np.arange(20_000) % 7, block_size=1000))
    broken[-60] ^= 1
    (tmp_path / "x.npy.huf").write_bytes(broken)
    line = refused("decode", tmp_path / "x.npy.huf")
    assert "block 19 is damaged" in line
    assert files(tmp_path) == ["x.npy.huf"]


def test_damage_is_one_line_for_the_program_too(tmp_path, text):
    good("encode", text)
    path = tmp_path / "s.txt.huf"
    path.write_bytes(path.read_bytes()[:-1])
    result = program("decode", path, "-f")
    assert (result.code, result.data) == (1, b"") and result.talk.count("\n") == 1
    assert text.read_bytes() == READINGS


def test_more_output_than_allowed_is_refused_and_leaves_no_file(tmp_path, text):
    good("encode", text)
    text.unlink()
    assert "limit of 15 bytes" in refused("decode", f"{text}.huf", "--max-output", 15)
    assert files(tmp_path) == ["s.txt.huf"]
    good("decode", f"{text}.huf", "--max-output", 16)
    assert text.read_bytes() == READINGS
