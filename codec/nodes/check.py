"""Checks at the end of a packet: two published CRCs, chosen for short messages.

    name             bits  polynomial  initial  final xor  of "123456789"
    CRC-8/AUTOSAR       8        0x2F     0xFF       0xFF            0xDF
    CRC-16/IBM-3740    16      0x1021   0xFFFF     0x0000          0x29B1

Names and parameters are those of Greg Cook's catalogue of CRC algorithms; neither reflects its input or output. The
first finds any three flipped bits up to 119 bits of packet, the second up to 32,751; both find any run of flipped bits
that is no longer than themselves. P. Koopman, T. Chakravarty, Cyclic Redundancy Code Polynomial Selection For Embedded
Networks, 2004.
"""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """The parameters of a CRC."""

    bits: int
    polynomial: int
    initial: int
    final: int


CHECKS = {
    "CRC-8/AUTOSAR": Check(8, 0x2F, 0xFF, 0xFF),
    "CRC-16/IBM-3740": Check(16, 0x1021, 0xFFFF, 0x0000),
}


def check_of(name: str | None, data: bytes) -> bytes:
    """The check of these bytes, most significant byte first; none for None.

    >>> check_of("CRC-8/AUTOSAR", b"123456789").hex(), check_of("CRC-16/IBM-3740", b"123456789").hex()
    ('df', '29b1')
    """
    if name is None:
        return b""
    bits, polynomial, value, final = CHECKS[name]
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 else 0)
            value &= (1 << bits) - 1
    return (value ^ final).to_bytes(bits // 8, "big")
