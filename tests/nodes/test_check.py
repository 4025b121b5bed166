"""Checks are the published CRCs: their check values, and what they promise to find."""

import binascii
import random
from itertools import combinations

import pytest

from codec.nodes.check import CHECKS, check_of


def test_the_check_of_sixteen_bits_is_that_of_another_library():
    for size in range(40):
        data = random.Random(size).randbytes(size)
        assert check_of("CRC-16/IBM-3740", data) == binascii.crc_hqx(data, 0xFFFF).to_bytes(2, "big")


def test_no_check_is_no_bytes():
    assert check_of(None, b"anything") == b""


@pytest.mark.parametrize("name", CHECKS)
def test_no_run_of_flips_as_long_as_the_check_passes(name):
    """A CRC is linear but for constants: flips pass if, and only if, they pass on a packet of zeros."""
    size, bits = 9, CHECKS[name].bits
    whole = bytes(size) + check_of(name, bytes(size))
    number, total = int.from_bytes(whole, "big"), 8 * len(whole)
    for run in random.Random(1).sample(range(1, 1 << bits, 2), min(100, 1 << bits - 1)):
        for place in range(total - run.bit_length() + 1):
            flipped = (number ^ run << place).to_bytes(len(whole), "big")
            assert check_of(name, flipped[:size]) != flipped[size:]


@pytest.mark.parametrize("name", CHECKS)
def test_no_three_flips_pass(name):
    size = 6
    whole = bytes(size) + check_of(name, bytes(size))
    number, total = int.from_bytes(whole, "big"), 8 * len(whole)
    for places in [c for k in (1, 2, 3) for c in combinations(range(total), k)][:: 1 if total < 50 else 7]:
        flipped = (number ^ sum(1 << place for place in places)).to_bytes(len(whole), "big")
        assert check_of(name, flipped[:size]) != flipped[size:]
