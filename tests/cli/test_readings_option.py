"""`codec decode --readings A:B`: some readings of a file, without decoding all of it."""

import numpy as np
import pytest
from command_line import good, misused, refused, run


@pytest.fixture
def text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf1\r\n2\r\n3\r\n4")
    good("encode", tmp_path / "a.txt")
    return tmp_path / "a.txt.huf"


def test_lines_are_those_of_the_text_with_their_ends(text):
    for readings, lines in (
        ("0:2", b"\xef\xbb\xbf1\r\n2\r\n"), ("1:3", b"2\r\n3\r\n"), ("-2:", b"3\r\n4"), ("3:9", b"4"), ("2:2", b""),
        (":-3", b"\xef\xbb\xbf1\r\n"), (":", b"\xef\xbb\xbf1\r\n2\r\n3\r\n4"),
    ):  # fmt: skip
        assert good("decode", text, f"--readings={readings}", "-c").data == lines
        assert run("decode", "-", f"--readings={readings}", stdin=text.read_bytes()).data == lines


def test_an_array_has_one_dimension(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12, dtype=">i2").reshape(3, 4, order="F"))
    good("encode", tmp_path / "x.npy")
    good("decode", tmp_path / "x.npy.huf", "--readings", "2:5", "-o", tmp_path / "y.npy")
    some = np.load(tmp_path / "y.npy")
    assert some.tolist() == np.load(tmp_path / "x.npy").reshape(-1, order="F")[2:5].tolist() and some.dtype == ">i2"


def test_bytes_are_a_stretch_of_the_file(text):
    good("encode", "--bytes", text, "-o", text.with_suffix(".again"))
    assert good("decode", text.with_suffix(".again"), "--readings", "10:20", "-c").data == text.read_bytes()[10:20]


def test_the_whole_file_is_not_replaced_by_a_part_of_it(text):
    assert "holds more than would be written" in refused("decode", text, "--readings", "0:1")
    good("decode", text, "--readings", "0:1", "--force")
    assert text.with_suffix("").read_bytes() == b"\xef\xbb\xbf1\r\n"


def test_a_wrong_range_says_what_a_range_is(text):
    for wrong in ("3", "a:b", "1:2:3", ""):
        assert "a range A:B of readings" in misused("decode", text, f"--readings={wrong}")
    assert "not allowed with" in misused("decode", text, "--readings", "1:2", "--test")
