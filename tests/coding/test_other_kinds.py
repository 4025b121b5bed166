"""Numbers of an array against a table of another kind: exactly those match that come back as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checks import each_engine, same

import codec
from codec.codes.prefix import PrefixCode
from codec.errors import MissingCodewordError
from codec.theory.labels import Labels

TENTHS = PrefixCode.from_lengths(Labels("int", np.array([205, 210, 216]), "0.1"), [1, 2, 2])
INTS = PrefixCode.from_lengths([20, 21], [1, 1])


@each_engine
@pytest.mark.parametrize(
    ("readings", "code"),
    [
        (np.array([20.5, 21.0, 21.6]), TENTHS),
        (np.array([20.5, 21.6, 21.6], np.float32), TENTHS),
        (np.array([20.5, 21.0], ">f4"), TENTHS),
        (np.array([21, 21], np.int8), TENTHS),
        (np.array([20.0, 21.0], np.float16), INTS),
    ],
)
def test_numbers_that_a_table_gives_back_exactly_are_coded_with_it(
    readings: Any, code: PrefixCode, engine: str
) -> None:
    data = codec.encode(readings, code, engine=engine)
    assert same(codec.decode(data, engine=engine), readings)
    report = codec.audit(readings, code)
    assert report.unseen == 0
    assert report.old_mean_length == codec.ledger(data).mean_length


@pytest.mark.parametrize(
    ("readings", "code", "way_out"),
    [
        (
            [20.5, 20.55],
            TENTHS,
            r"position 1: the reading 20\.55 .* int in steps of 0\.1, and these readings float: .* with --step 0\.1",
        ),
        (np.array([20.5, 20.55]), TENTHS, "--step 0.1"),
        ([20.0, -0.0], INTS, r"the reading -0\.0 .* --step 1"),
        ([float("nan")], INTS, "--step 1"),
        (np.array([20]), PrefixCode.from_lengths([20.0], [1]), "make a table that knows them"),
    ],
)
def test_what_would_not_come_back_is_refused_with_the_grid(readings: Any, code: PrefixCode, way_out: str) -> None:
    with pytest.raises(MissingCodewordError, match=way_out):
        codec.encode(readings, code)
    assert codec.audit(readings, code).unseen > 0


def test_differences_are_never_taken_for_those_of_another_grid() -> None:
    steps = PrefixCode.from_lengths(Labels("int", np.array([-10, 0, 10]), "0.1"), [2, 1, 2])
    with pytest.raises(MissingCodewordError):
        codec.encode(np.array([5, 6, 7]), steps, delta=True)
