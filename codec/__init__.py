"""codec: Huffman codes, and where every bit goes.

Theory predicts, bits happen, measure compares, show tells. Read in this order:

    codec.theory    what coding should cost: labels, distributions, entropies, sources
    codec.codes     from weights to codewords
    codec.bits      from symbols to bits and back
    codec.readings  where readings come from and go back to
    codec.files     bytes on disk: the container, saved tables
    codec.coding    a stream -> a file -> the stream: the main path
    codec.measure   what coding did cost: the ledger of a file, the price of a wrong distribution, the audit of a table
    codec.nodes     codes on a sensor: packets without a container, C
    codec.show      everything a person looks at
    codec.cli       the command line
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codec.codes.certificate import Certificate
    from codec.codes.check import check
    from codec.codes.constructions import construct
    from codec.codes.prefix import PrefixCode, huffman
    from codec.coding import decode, encode, encode_file
    from codec.errors import CodecError
    from codec.files.tables import load, save
    from codec.measure.audit import Audit, audit
    from codec.measure.ledger import Ledger, ledger
    from codec.measure.mismatch import Mismatch, mismatch
    from codec.nodes.packet import pack, unpack
    from codec.theory.distribution import Distribution
    from codec.theory.information import (
        conditional_entropy,
        cross_entropy,
        entropy,
        mutual_information,
        relative_entropy,
    )

__all__ = [
    "Audit",
    "Certificate",
    "CodecError",
    "Distribution",
    "Ledger",
    "Mismatch",
    "PrefixCode",
    "audit",
    "check",
    "conditional_entropy",
    "construct",
    "cross_entropy",
    "decode",
    "distribution_of",
    "encode",
    "encode_file",
    "entropy",
    "huffman",
    "interval_code",
    "ledger",
    "load",
    "mismatch",
    "mutual_information",
    "pack",
    "relative_entropy",
    "save",
    "unpack",
]
_HOMES = {
    "Audit": "codec.measure.audit",
    "Certificate": "codec.codes.certificate",
    "CodecError": "codec.errors",
    "Distribution": "codec.theory.distribution",
    "Ledger": "codec.measure.ledger",
    "Mismatch": "codec.measure.mismatch",
    "PrefixCode": "codec.codes.prefix",
    "audit": "codec.measure.audit",
    "check": "codec.codes.check",
    "conditional_entropy": "codec.theory.information",
    "construct": "codec.codes.constructions",
    "cross_entropy": "codec.theory.information",
    "decode": "codec.coding",
    "distribution_of": "codec.coding.learn",
    "encode": "codec.coding",
    "encode_file": "codec.coding",
    "entropy": "codec.theory.information",
    "huffman": "codec.codes.prefix",
    "interval_code": "codec.codes.intervals",
    "ledger": "codec.measure.ledger",
    "load": "codec.files.tables",
    "mismatch": "codec.measure.mismatch",
    "mutual_information": "codec.theory.information",
    "pack": "codec.nodes.packet",
    "relative_entropy": "codec.theory.information",
    "save": "codec.files.tables",
    "unpack": "codec.nodes.packet",
}
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """A public name, imported when it is first used: the command line heeds an interrupt before NumPy is loaded."""
    if name not in _HOMES:
        raise AttributeError(f"module 'codec' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
