"""What the command line refuses: in one line that names the file, the place and the way out, and writing nothing."""

from pathlib import Path

import numpy as np
from checks import flip
from command_line import files, good, misused, program, refused, table_file
from shares import each_share, some

import codec
from codec.theory.sources import built_in


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


def test_a_table_that_is_none_is_refused_by_every_verb(here, text):
    for name, (content, reason) in TABLES.items():
        Path("t.json").write_text(content)
        for arguments in (["table", "t.json", "-o", "out"], ["encode", text, "--code", "t.json", "-o", "out"],
                          ["compare", "t.json", "nasa"], ["compare", "nasa", "t.json"],
                          ["generate", "t.json", "-o", "out"]):  # fmt: skip
            line = refused(*arguments)
            assert "t.json" in line and reason in line, name
    table_file("t.json", [1, 2], lengths=[1, 1])
    for arguments in (["generate", "t.json"], ["compare", "t.json", "nasa"]):
        assert "without weights" in refused(*arguments)
    assert files(here) == ["levels.txt", "t.json"]


def test_codewords_that_no_file_holds_are_refused_with_the_way_out(here, text):
    weights = [1, 1]
    while len(weights) < 40:
        weights.append(weights[-1] + weights[-2])
    table = table_file("t.json", list(range(100, 140)), weights=weights)
    good("table", table, "-o", "code.json")
    line = refused("encode", text, "--code", "code.json")
    assert "codewords of 39 bits, and files hold at most 32: make it with --max-length 32" in line
    assert "39 bits" in refused("compare", table, table)
    good("encode", text, "--code", table)  # a distribution gets a code that fits
    good("table", table, "--max-length", 32, "-o", "short.json")
    good("encode", text, "--code", "short.json", "-f")
    table_file("t.json", list(range(65_537)), weights=[1] * 65_537)
    assert "65,537 codewords" in refused("encode", text, "--code", "t.json", "-o", "out")
    assert files(here) == ["code.json", "levels.txt", "levels.txt.huf", "short.json", "t.json"]


def test_a_reading_without_a_codeword_is_named_with_its_line_and_counted(here, text):
    Path("s.txt").write_bytes(text.read_bytes() + b"999\n100\n999\n7\n")
    Path("x.csv").write_bytes(b"t,w\n100,a\n101,b\n")
    np.save("a.npy", np.array([100, 105, 106]))
    table_file("t.json", [100, 105, 110], weights=[1, 1, 0])  # weight 0: no codeword
    for arguments, place, number in (
        (["s.txt", "--code", "nasa"], "s.txt, line 6: the reading 999", "3 of 9 readings"),
        (["x.csv", "--column", "t", "--code", "nasa"], "row 2: the reading 101", "1 of 2 readings"),
        (["a.npy", "--code", "nasa"], "position 2: the reading 106", ""),
        ([text, "--code", "t.json"], "line 4: the reading 110", ""),
    ):
        line = refused("encode", *arguments)
        assert f"{place} has no codeword" in line and number in line
    assert files(here) == ["a.npy", "levels.txt", "s.txt", "t.json", "x.csv"]


def test_a_file_needs_the_table_it_was_written_with(tmp_path, text):
    right, wrong = (codec.huffman(built_in(name)).fingerprint for name in ("nasa", "winter"))
    assert "--no-table needs --code" in misused("encode", text, "--no-table")
    assert files(tmp_path) == ["levels.txt"]
    for options in ([], ["--no-table"]):
        good("encode", text, "--code", "nasa", "-f", *options)
        for verb in ("decode", "inspect"):
            line = refused(verb, f"{text}.huf", "--code", "winter")
            assert right in line and wrong in line and f"{text}.huf" in line
    text.unlink()
    refused("decode", f"{text}.huf", "--code", "winter")
    for verb in ("decode", "inspect"):
        line = refused(verb, f"{text}.huf")
        assert right in line and "--code" in line
    assert files(tmp_path) == ["levels.txt.huf"]


def test_a_column_that_is_missing_from_a_file_or_a_row_is_named(here):
    Path("x.csv").write_bytes(b"day,temp max,w\n1,2,3\n")
    for arguments in (["encode", "x.csv"], ["table", "x.csv"], ["compare", "x.csv", "nasa"]):
        line = refused(*arguments, "--column", "temp")
        assert "x.csv has no column 'temp'; it has 'day', 'temp max', 'w'" in line
    assert "it has none" in refused("encode", "-", "--column", "temp", stdin=b"")
    Path("x.csv").write_bytes(b"a,b\n1,2\n3\n")
    line = refused("encode", "x.csv", "--column", "b")
    assert "line 3" in line and "'b'" in line
    assert files(here) == ["x.csv"]


def test_an_empty_stream_has_no_distribution(here):
    Path("e").touch()
    for arguments in (["table", "e"], ["compare", "e", "nasa"], ["compare", "nasa", "e"]):
        assert "e is empty" in refused(*arguments)


def test_an_npy_file_that_is_damaged_or_holds_objects_is_refused(here):
    np.save("a.npy", np.arange(1000))
    whole = Path("a.npy").read_bytes()
    for size in (9, 60, len(whole) - 1):
        Path("a.npy").write_bytes(whole[:size])
        assert "a.npy" in refused("encode", "a.npy")
    np.save("a.npy", np.array([1, "a"], object), allow_pickle=True)
    assert "--bytes" in refused("encode", "a.npy")
    assert files(here) == ["a.npy"]


def test_a_coded_file_is_no_stream_of_lines_and_a_text_no_coded_file(tmp_path, text):
    for verb in ("decode", "inspect"):
        line = refused(verb, text, *(["-o", tmp_path / "out"] if verb == "decode" else []))
        assert f"{text}: this is not a .huf file" in line
    assert files(tmp_path) == ["levels.txt"]
    good("encode", text)
    for arguments in (["encode"], ["audit", "--code", "nasa"], ["compare"]):
        assert "decode it first" in refused(*arguments, f"{text}.huf", *(["nasa"] if arguments == ["compare"] else []))


# Damage


@each_share
def test_every_cut_and_every_flipped_bit_is_refused_and_leaves_no_file(tmp_path, text, share):
    whole, path = good("encode", text, "-c").data, tmp_path / "x.huf"
    flipped = (flip(whole, bit) for bit in range(8 * len(whole)))
    for number, broken in some(enumerate((*(whole[:size] for size in range(len(whole))), *flipped)), share):
        path.write_bytes(broken)
        assert f"{path}: " in refused("decode", path, *(["--code", "nasa"] if number % 7 == 0 else []))
    for appended in (b"\0", b"\n", b"E", whole):
        path.write_bytes(whole + appended)
        for verb in ("decode", "inspect"):
            assert "behind the end" in refused(verb, path)
    assert files(tmp_path) == ["levels.txt", "x.huf"]


def test_damage_in_the_last_block_leaves_no_file_though_the_first_was_written(here):
    whole = codec.encode(np.arange(20_000) % 7, block_size=1000)
    Path("x.npy.huf").write_bytes(flip(whole, 8 * len(whole) - 473))
    assert "block 19 is damaged" in refused("decode", "x.npy.huf")
    assert files(here) == ["x.npy.huf"]


def test_damage_is_one_line_for_the_program_too(here, text):
    data = good("encode", text, "-c").data
    Path("levels.txt.huf").write_bytes(data[:-1])
    result = program("decode", "levels.txt.huf", "-f")
    assert (result.code, result.data) == (1, b"") and result.talk.count("\n") == 1
    assert files(here) == ["levels.txt", "levels.txt.huf"] and text.stat().st_size == 20


def test_more_output_than_allowed_is_refused_and_leaves_no_file(here, text):
    content = text.read_bytes()
    good("encode", text)
    text.unlink()
    assert "limit of 19 bytes" in refused("decode", "levels.txt.huf", "--max-output", 19)
    assert files(here) == ["levels.txt.huf"]
    good("decode", "levels.txt.huf", "--max-output", 20)
    assert text.read_bytes() == content
