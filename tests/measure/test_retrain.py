"""A fresh table is made as the old one was, and a saved table says how that was."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from command_line import good, refused

import codec
from codec.codes.prefix import huffman
from codec.files.made import Made, made_fields, made_from
from codec.files.tables import made_with
from codec.measure.retrain import retrained
from codec.theory.distribution import Distribution


def test_options_of_a_table_come_back_from_json() -> None:
    for made in (
        Made(),
        Made("shannon", 12),
        Made(max_length=9, smooth=Fraction(1, 3), escape=Fraction(5)),
        Made(escape=Fraction("0.5")),
    ):
        assert made_from(json.loads(json.dumps(made_fields(made)))) == made


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([], "is an object with some of construction, max_length, smooth, escape"),
        ({"colour": 1}, "is an object with some of"),
        ({"max_length": 0}, '"max_length" of "made_with" is a number of bits'),
        ({"max_length": True}, '"max_length"'),
        ({"smooth": 0.5}, '"smooth" of "made_with" is a positive number in a string, not 0.5'),
        ({"escape": "-1"}, '"escape" of "made_with"'),
        ({"escape": "1/0"}, '"escape" of "made_with"'),
        ({"construction": "magic"}, '"construction" of "made_with" is one of huffman'),
        ({"construction": ["x"]}, '"construction" of "made_with" is one of huffman'),
    ],
)
def test_options_that_are_none_are_refused(fields: object, message: str, tmp_path: Path) -> None:
    table = {"kind": "code", "labels": [1, 2], "lengths": [1, 1], "made_with": fields}
    (tmp_path / "t.json").write_text(json.dumps(table))
    with pytest.raises(codec.CodecError, match=message) as caught:
        made_with(tmp_path / "t.json")
    assert "t.json: " in str(caught.value)


def test_a_fresh_table_has_the_labels_limit_and_smoothing_of_the_old_one(tmp_path: Path) -> None:
    """47 labels and 10 bits stay so, though the stream has 38 labels, and codewords of 14 bits without a limit."""
    old_readings = [n for n in range(47) for _ in range(1 + min(n, 46 - n) ** 2)]
    (tmp_path / "old.txt").write_text("".join(f"{n}\n" for n in old_readings))
    (tmp_path / "new.txt").write_text("".join(f"{n}\n" for n in range(38) for _ in range(2 ** (n // 3))))
    good("table", tmp_path / "old.txt", "--smooth", "1/2", "--max-length", 10, "-o", tmp_path / "old.json")
    arguments = ["audit", tmp_path / "new.txt", "--code", tmp_path / "old.json", "--retrain"]
    result = good(*arguments, tmp_path / "new.json")
    new = codec.load(tmp_path / "new.json")
    assert list(new.alphabet) == list(range(47)) and new.lengths.max() == 10 and new.lengths.all()
    assert "47 labels, codewords of up to 10 bits (the old table: 47 and 10); max_length 10, smooth 1/2" in result.talk
    assert made_with(tmp_path / "new.json") == made_with(tmp_path / "old.json") == Made("huffman", 10, Fraction(1, 2))
    # A table that does not say how it was made: what may be lost is said.
    table = json.loads((tmp_path / "old.json").read_text())
    del table["made_with"]
    (tmp_path / "mute.json").write_text(json.dumps(table))
    arguments[3] = tmp_path / "mute.json"
    result = good(*arguments, tmp_path / "other.json")
    assert "mute.json does not say what it was made with: no greatest length and no smoothing is kept" in result.talk
    assert len(codec.load(tmp_path / "other.json")) == 38


def test_a_limit_that_the_new_labels_do_not_fit_is_an_error_that_names_the_table(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("1\n2\n")
    (tmp_path / "new.txt").write_text("1\n2\n3\n4\n5\n")
    good("table", tmp_path / "old.txt", "--max-length", 2, "-o", tmp_path / "old.json")
    message = refused(
        "audit", tmp_path / "new.txt", "--code", tmp_path / "old.json", "--retrain", tmp_path / "new.json"
    )
    assert "new.json" in message and "do not fit" in message


def test_an_escape_keeps_its_weight_and_the_labels_that_do_not_come() -> None:
    old = huffman(Distribution("abc", [5, 2, 1]), None, 3)
    fresh = retrained(Distribution("ab", [10, 6]), old, Made(escape=Fraction(3)))
    assert fresh.weights.tolist() == [20, 12, 1] and fresh == huffman(Distribution("abc", [20, 12, 1]), None, 6)
    # Of another kind, the old labels are no readings of this stream.
    assert list(retrained(Distribution([1, 2], [10, 6]), old).alphabet) == [1, 2]


def test_a_table_without_smoothing_or_escape_has_the_labels_of_the_stream_alone() -> None:
    old = huffman(Distribution("abc", [5, 2, 1]))
    assert retrained(Distribution("ab", [1, 9]), old) == huffman(Distribution("ab", [1, 9]))
