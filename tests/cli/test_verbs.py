"""`codec encode` and `codec decode`: what goes in comes out, and files are handled as gzip handles them."""

import os
import pty
import stat

import numpy as np
import pytest
from command_line import files, good, misused, program, refused

import codec
from codec import cli

READINGS = b"100\n105\n105\n110\n105\n"
TEXTS = {
    "ints": READINGS,
    "negative": b"-3\n0\n12\n-3\n",
    "decimals": b"2.40\n-0.10\n0.00\n",
    "mixed decimals": b"2.4\n2.45\n3\n",
    "007 among ints": b"7\n007\n70\n",
    "words": "sun\nrain\n\u00e9t\u00e9\nsun\n".encode(),
    "not utf-8": b"a\xff\n\xfe\na\xff\n",
    "crlf": b"sun\r\nrain\r\nsun\r\n",
    "some crlf": b"sun\r\nrain\nsun\r\n",
    "no last newline": b"1\n2\n1",
    "no last newline, crlf": b"1\r\n2\r\n1",
    "blank lines": b"\n\n1\n\n",
    "one newline": b"\n",
    "one symbol": b"x\nx\nx\n",
    "empty": b"",
    "beyond 64 bits": b"18446744073709551616\n1\n",
    "least and greatest": b"-9223372036854775808\n9223372036854775807\n",
    "nul and tab": b"a\x00\tb\n \n",
    "returns within lines": b"a\rb\nc\n",
}
NUMERIC = [
    *("?", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8", ">u8"),
    *("<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<c8", ">c8", "<c16", ">c16"),
]


def extremes(dtype):
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return np.array([limits.min, limits.max, 0, 1, 1], dtype)
    if dtype.kind == "b":
        return np.array([True, False, True])
    real = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan, np.finfo(dtype).max, np.finfo(dtype).tiny])
    if dtype.kind == "c":
        return np.array([complex(x, y) for x, y in zip(real, real[::-1], strict=True)], dtype)
    return real.astype(dtype)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "levels.txt"
    path.write_bytes(READINGS)
    return path


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("way", ["text", "--bytes"])
def test_a_text_comes_back_byte_for_byte(tmp_path, content, way):
    path = tmp_path / "in.txt"
    path.write_bytes(content)
    good("encode", path, *([way] if way == "--bytes" else []))
    good("decode", f"{path}.huf", "-o", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == content
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_a_text_comes_back_byte_for_byte_through_pipes(content):
    coded = good("encode", "-", stdin=content)
    assert good("decode", "-", stdin=coded.data).data == content


@pytest.mark.parametrize("dtype", NUMERIC)
def test_an_array_comes_back_with_its_type_and_its_last_bit(tmp_path, dtype):
    array = extremes(dtype)
    np.save(tmp_path / "a.npy", array)
    good("encode", tmp_path / "a.npy")
    good("decode", tmp_path / "a.npy.huf", "-o", tmp_path / "b.npy")
    back = np.load(tmp_path / "b.npy")
    assert back.dtype == array.dtype and back.dtype.byteorder == array.dtype.byteorder
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (3, 0, 2), (2, 3, 2)], ids=str)
@pytest.mark.parametrize("order", "CF")
def test_an_array_comes_back_with_its_shape_and_order(tmp_path, shape, order):
    array = np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape), order=order)
    np.save(tmp_path / "a.npy", array)
    good("encode", tmp_path / "a.npy")
    good("decode", tmp_path / "a.npy.huf", "-o", tmp_path / "b.npy")
    back = np.load(tmp_path / "b.npy")
    assert back.shape == shape and np.array_equal(back, array)
    assert back.flags.f_contiguous == array.flags.f_contiguous


def test_any_file_comes_back_as_its_bytes(tmp_path):
    content = np.random.default_rng(1).integers(0, 256, 5000, np.uint8).tobytes() + b"\x89HUF\r\n\x1a\n" + b"\x00" * 9
    (tmp_path / "any").write_bytes(content)
    good("encode", tmp_path / "any", "--bytes")
    assert good("decode", tmp_path / "any.huf", "-c").data == content
    again = good("encode", tmp_path / "any.huf", "--bytes", "-c")  # a .huf file is a file too
    assert good("decode", "-", stdin=again.data).data == (tmp_path / "any.huf").read_bytes()


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (b"day,t,w\n1,2.40,sun\n2,-0.10,rain\n3,2.40,sun\n", b"2.40\n-0.10\n2.40\n"),
        (b"day,t,w\r\n1,2.40,sun\r\n2,007,rain\r\n", b"2.40\n007\n"),
        (b'"day",t,w\n1,"2,5",sun\n2,"a ""b""",x\n', b'2,5\na "b"\n'),
        (b"\xef\xbb\xbft,w\n1,2\n", b"1\n"),
        (b"day,t\n1,\n2, x \n3,x", b"\n x \nx\n"),
        (b"t\n", b""),
    ],
    ids=["decimals", "crlf", "quotes", "byte order mark", "blanks and no last newline", "no rows"],
)
def test_a_column_comes_back_as_its_cells_one_a_line(tmp_path, rows, cells):
    (tmp_path / "in.csv").write_bytes(rows)
    good("encode", tmp_path / "in.csv", "--column", "t")
    assert good("decode", tmp_path / "in.t.txt.huf", "-c").data == cells
    assert good("decode", "-", stdin=good("encode", "-", "--column", "t", stdin=rows).data).data == cells


def test_a_file_written_against_a_shared_table_needs_it_and_comes_back_with_it(text, tmp_path):
    with_table = good("encode", text, "-c", "--code", "nasa").data
    without = good("encode", text, "-c", "--code", "nasa", "--no-table").data
    assert len(without) < len(with_table)
    good("table", "nasa", "-o", tmp_path / "t.json")
    for table in ("nasa", tmp_path / "t.json"):
        assert good("decode", "-", "--code", table, stdin=without).data == READINGS
        assert good("decode", "-", "--code", table, stdin=with_table).data == READINGS
    assert good("decode", "-", stdin=with_table).data == READINGS


def test_the_command_line_writes_the_file_that_the_library_reads(text):
    good("encode", text)
    data = text.with_name("levels.txt.huf").read_bytes()
    assert codec.decode(data).tolist() == [100, 105, 105, 110, 105]
    assert codec.ledger(data).count == 5


def test_max_length_bounds_every_codeword_of_a_learned_code(tmp_path):
    (tmp_path / "in.txt").write_text("".join(f"{i}\n" * 2**i for i in range(8)))
    good("encode", tmp_path / "in.txt", "--max-length", 4)
    assert good("inspect", tmp_path / "in.txt.huf", "--json").json()["mean_length"] <= 4
    assert good("decode", tmp_path / "in.txt.huf", "-c").data == (tmp_path / "in.txt").read_bytes()
    assert "do not fit into 2 bits" in misused("encode", tmp_path / "in.txt", "--max-length", 2, "-c")


# gzip's manners


def test_encode_adds_the_suffix_and_decode_takes_it_off(text, tmp_path):
    good("encode", text)
    text.unlink()
    good("decode", tmp_path / "levels.txt.huf")
    assert files(tmp_path) == ["levels.txt", "levels.txt.huf"]  # the input is still there
    assert text.read_bytes() == READINGS


def test_output_goes_where_it_is_told(text, tmp_path):
    to_standard_output = good("encode", text, "-c").data
    assert good("encode", text, "-o", "-").data == to_standard_output
    assert good("encode", text, "-c", "-o", "-").data == to_standard_output
    good("encode", text, "-o", tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == to_standard_output
    assert files(tmp_path) == ["levels.txt", "other"]
    assert good("decode", tmp_path / "other", "-c").data == READINGS
    assert good("decode", tmp_path / "other", "-o", "-").data == READINGS


def test_standard_input_goes_to_standard_output_unless_it_is_told_otherwise(tmp_path):
    good("encode", "-", "-o", tmp_path / "x.huf", stdin=READINGS)
    good("decode", "-", "-o", tmp_path / "x", stdin=(tmp_path / "x.huf").read_bytes())
    assert (tmp_path / "x").read_bytes() == READINGS


def test_data_goes_to_standard_output_and_talk_to_standard_error(text):
    result = good("encode", text, "-c")
    assert result.data.startswith(b"\x89HUF") and result.talk.startswith(f"{text}: 5 readings, 20 -> ")


def test_a_file_that_grows_is_not_called_a_saving(text, tmp_path):
    assert " times as large -> " in good("encode", text, "-c").talk
    (tmp_path / "long.txt").write_bytes(READINGS * 1000)
    assert " saved -> " in good("encode", tmp_path / "long.txt", "-c").talk
    assert "%" not in good("encode", "-", stdin=b"").talk


def test_an_existing_file_is_kept_unless_force(text, tmp_path):
    (tmp_path / "levels.txt.huf").write_bytes(b"precious")
    assert "levels.txt.huf exists already: --force" in refused("encode", text)
    assert (tmp_path / "levels.txt.huf").read_bytes() == b"precious"
    good("encode", text, "--force")
    assert "levels.txt exists already: --force" in refused("decode", tmp_path / "levels.txt.huf")
    text.write_bytes(b"changed")
    good("decode", tmp_path / "levels.txt.huf", "-f")
    assert text.read_bytes() == READINGS
    assert files(tmp_path) == ["levels.txt", "levels.txt.huf"]


@pytest.mark.parametrize("name", ["levels.txt", "link", "hard"])
def test_the_input_is_never_overwritten_not_even_with_force(text, tmp_path, name):
    (tmp_path / "link").symlink_to(text)
    os.link(text, tmp_path / "hard")
    assert "never overwritten" in refused("encode", text, "-o", tmp_path / name, "--force")
    assert text.read_bytes() == READINGS


def test_neither_the_file_nor_its_table_is_overwritten_by_decode(text, tmp_path):
    good("table", "nasa", "-o", tmp_path / "t.json")
    good("encode", text, "--code", tmp_path / "t.json")
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    coded = tmp_path / "levels.txt.huf"
    assert "never overwritten" in refused("decode", coded, "-o", coded, "-f")
    assert "never overwritten" in refused(
        "decode", coded, "--code", tmp_path / "t.json", "-o", tmp_path / "t.json", "-f"
    )
    assert "never overwritten" in refused(
        "encode", text, "--code", tmp_path / "t.json", "-o", tmp_path / "t.json", "-f"
    )
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_quiet_says_nothing(text, tmp_path):
    for arguments in (["encode", text, "--quiet"], ["encode", text, "-qf"], ["encode", text, "-qf", "--step", "10"]):
        assert good(*arguments).talk == ""
    coded = tmp_path / "levels.txt.huf"
    assert good("decode", coded, "-q", "-f").talk == good("decode", coded, "--test", "-q").talk == ""


def test_decode_test_checks_and_writes_nothing(text, tmp_path):
    good("encode", text)
    text.unlink()
    result = good("decode", "--test", tmp_path / "levels.txt.huf")
    assert "5 readings, all is well" in result.talk and result.data == b""
    assert files(tmp_path) == ["levels.txt.huf"]
    broken = bytearray((tmp_path / "levels.txt.huf").read_bytes())
    broken[-1] ^= 1
    assert "damaged" in refused("decode", "-t", "-", stdin=bytes(broken))


def test_an_unknown_suffix_needs_a_name_for_the_output(text, tmp_path):
    good("encode", text, "-o", tmp_path / "x.bin")
    os.link(tmp_path / "x.bin", tmp_path / ".huf")
    for name in ("x.bin", ".huf"):
        assert "name the output with -o" in misused("decode", tmp_path / name)
        assert good("decode", tmp_path / name, "-o", "-").data == READINGS


def test_a_link_is_followed_and_stays_a_link(text, tmp_path):
    (tmp_path / "link.huf").symlink_to("real.huf")
    good("encode", text, "-o", tmp_path / "link.huf")
    assert (tmp_path / "link.huf").is_symlink() and (tmp_path / "real.huf").read_bytes().startswith(b"\x89HUF")


def test_a_new_file_has_the_usual_mode_and_a_replaced_one_keeps_its_own(text, tmp_path):
    before = os.umask(0o027)
    try:
        good("encode", text)
    finally:
        os.umask(before)
    coded = tmp_path / "levels.txt.huf"
    assert stat.S_IMODE(coded.stat().st_mode) == 0o640
    coded.chmod(0o604)
    good("encode", text, "-f")
    assert stat.S_IMODE(coded.stat().st_mode) == 0o604


def test_a_device_is_written_directly_and_stays_one(text):
    good("encode", text, "-o", os.devnull)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_shared_table_lets_standard_input_stream_through_in_one_pass(monkeypatch):
    def no_spool(*_):
        raise AssertionError("a copy was kept")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile", no_spool)
    coded = good("encode", "-", "--code", "nasa", stdin=READINGS)
    assert good("decode", "-", stdin=coded.data).data == READINGS


def test_coded_bytes_are_not_written_to_a_terminal_unless_force(text):
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb", buffering=0) as screen, os.fdopen(follower, "wb", buffering=0) as terminal:
        result = program("encode", text, "-c", stdout=terminal)
        assert result.code == 2 and "not written to a terminal" in result.talk
        assert program("encode", text, "-c", "--force", stdout=terminal).code == 0
        assert screen.read(4) == b"\x89HUF"


def test_a_program_reads_a_file_from_standard_input_and_writes_one_to_standard_output(text, tmp_path):
    with open(text, "rb") as source, open(tmp_path / "x.huf", "wb") as target:
        assert program("encode", "-", "-q", stdin=source, stdout=target).code == 0
    with open(tmp_path / "x.huf", "rb") as source:
        result = program("decode", "-", stdin=source)
    assert (result.code, result.data, result.talk) == (0, READINGS, "")


def test_main_returns_its_exit_code(text):
    assert cli.main(["decode", "--test", "-q", "/nonexistent/file.huf"]) == 1
    assert cli.main(["encode", "-q", str(text)]) == 0
    assert cli.main(["encode", "-q", str(text)]) == 1


def test_json_and_coded_bytes_do_not_both_go_to_standard_output(text):
    for arguments in (["-c"], ["-o", "-"]):
        talk = misused("encode", text, "--json", *arguments)
        assert "--json and the coded bytes both want standard output: name a file with -o" in talk
