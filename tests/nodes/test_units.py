"""Readings are taken as whole multiples of a table's step, whatever the steps are."""

import numpy as np
import pytest

from codec.codes.prefix import PrefixCode
from codec.errors import StreamError
from codec.nodes.layout import PacketLayout, node_table
from codec.nodes.units import bits_of, raw_of, stream_of, units_of
from codec.theory.labels import Labels

FINEST = "0.00000000000000000001"


def in_steps(step):
    return node_table(PrefixCode.from_lengths(Labels("int", np.array([0, 1]), step), [1, 1]))


def units(values, own, step):
    return units_of(stream_of(Labels("int", np.array(values), own)), in_steps(step)).tolist()


def test_coarser_readings_are_multiples_and_finer_ones_where_they_are():
    assert units([3, -2], "0.5", "0.1") == [15, -10]
    assert units([30, -20], "0.1", "0.5") == [6, -4]
    assert units([0, 0], "1", FINEST) == units([0, 0], FINEST, "1") == [0, 0]
    for own, step in (("0.1", "0.5"), (FINEST, "1")):
        with pytest.raises(StreamError, match=r"position 1: .* is no multiple of the table's step"):
            units([0, 7], own, step)
    with pytest.raises(StreamError, match="at most 62 bits"):
        units([0, 1], "1", FINEST)


def test_raw_bits_hold_what_fits_them_and_no_more():
    for bits in (1, 8, 31, 32):
        most = np.array([-1 << bits - 1, (1 << bits - 1) - 1])
        assert bits_of(most) == bits
        stream, layout = stream_of(Labels("int", most)), PacketLayout(raw_bits=bits)
        assert (raw_of(most, layout, stream, "1") < 1 << bits).all()
        with pytest.raises(StreamError, match=f"does not fit the {bits} raw bit.* need {bits + 1}"):
            raw_of(most + 1, layout, stream, "1")
