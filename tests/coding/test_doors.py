"""The public doors of the coding path: every option is checked once, and a wrong one is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checks import same, unhuf

import codec
from codec.codes.prefix import PrefixCode
from codec.coding.options import Options
from codec.theory.labels import Labels

READINGS = np.arange(300) % 7
WHOLE = ("lane_size", "block_size", "per_codeword")


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_integers_of_numpy_in_every_width_are_python_ints(dtype: str) -> None:
    number = np.dtype(dtype).type
    for sizes in ({"block_size": 127, "lane_size": 3}, {"block_size": 100, "lane_size": 120}, {"per_codeword": 3}):
        narrow = codec.encode(READINGS, **{name: number(value) for name, value in sizes.items()})
        assert narrow == codec.encode(READINGS, **sizes)
        assert same(codec.decode(narrow), READINGS)


@pytest.mark.parametrize("flag", [1, 2, np.True_, "yes"])
@pytest.mark.parametrize("name", ["delta", "embed_table", "context"])
def test_a_flag_is_what_bool_makes_of_it(name: str, flag: Any) -> None:
    assert codec.encode(READINGS, **{name: flag}) == codec.encode(READINGS, **{name: True})


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [2.0, "2", None, 2.5, b"2", [2]])
def test_what_is_no_whole_number_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} is a whole number, not"):
        codec.encode(READINGS, **{name: value})


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [0, -1, 10**30])
def test_what_no_file_can_hold_is_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{name} is from 1 to "):
        codec.encode(READINGS, **{name: value})


def test_options_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="give one of them"):
        codec.encode(READINGS, delta=True, transform="ranks of none")
    with pytest.raises(ValueError, match="there is no transform 'x'; there are readings, differences"):
        codec.encode(READINGS, transform="x")
    with pytest.raises(ValueError, match="context or per_codeword, not both"):
        Options(context=True, per_codeword=2)
    assert codec.encode(READINGS, delta=True, transform="differences") == codec.encode(READINGS, delta=True)


@pytest.mark.parametrize("wrong", [5, "nasa", {0.5, 0.25}, object()])
def test_what_is_no_code_is_refused_with_what_is_wanted(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a code is wanted"):
        codec.encode(READINGS, wrong)
    with pytest.raises(TypeError, match="a code is wanted"):
        codec.decode(codec.encode(READINGS), wrong)


def test_a_limit_of_the_output_is_a_number_of_bytes() -> None:
    with pytest.raises(ValueError, match="max_output is a number of bytes, not -1"):
        codec.decode(codec.encode(READINGS), max_output=-1)
    with pytest.raises(TypeError):
        codec.decode(codec.encode(READINGS), max_output="5")  # type: ignore[arg-type]


@pytest.mark.parametrize("delta", [False, True])
def test_a_table_of_nothing_but_an_escape_can_be_read(delta: bool) -> None:
    nothing = PrefixCode(Labels("int", np.zeros(0, np.int64)), np.zeros(0, np.int64), None, 1)
    readings = np.array([7, 7, -9])
    data = codec.encode(readings, nothing, delta=delta)
    assert same(codec.decode(data), readings)
    assert codec.ledger(data).file_bits == 8 * len(data)
    assert unhuf(data).endswith(readings.tobytes())


def test_a_shape_that_contradicts_the_count_is_refused_by_every_reader() -> None:
    data = codec.encode(np.arange(6).reshape(2, 3))
    from checks import exchange, part

    origin = part(data, "header").read(data, "origin")
    spoilt = exchange(data, "origin", origin[:-1] + b"\x04")
    for read in (codec.decode, codec.ledger, unhuf):
        with pytest.raises(codec.CodecError, match="the file holds 6 readings, and its header promises 8"):
            read(spoilt)
