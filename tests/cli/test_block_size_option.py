"""`codec encode --block-size N`: more blocks, so that damage costs less."""

from checks import walk
from command_line import good, misused

import codec


def test_blocks_have_the_size_that_is_asked_for(tmp_path):
    (tmp_path / "a.txt").write_text("1\n2\n3\n1\n" * 100)
    for more in ([], ["--best"], ["--delta"], ["--block", "2"]):
        good("encode", tmp_path / "a.txt", "--block-size", 60, "--force", *more)
        data = (tmp_path / "a.txt.huf").read_bytes()
        counts = [one.number(data, "count") for one in walk(data) if one.name == "block"]
        assert set(counts[:-1]) <= {60} and counts[-1] <= 60 and sum(counts) in (400, 200, 134, 100, 80, 67, 58, 50)
        assert codec.decode(data).tolist() == [1, 2, 3, 1] * 100


def test_a_size_that_no_file_can_have_is_refused(tmp_path):
    for wrong in (0, -1, 1 << 25, "x"):
        assert "--block-size: a number of codewords, from 1 to 16,777,216" in misused(
            "encode", tmp_path / "a.txt", f"--block-size={wrong}"
        )
