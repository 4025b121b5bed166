"""codec: Huffman codes, and where every bit goes.

Theory predicts, bits happen, measure compares, show tells. Read in this order:

    codec.theory    what coding should cost: labels, distributions, entropies, sources
    codec.codes     from weights to codewords
    codec.bits      from symbols to bits and back
    codec.readings  where readings come from and go back to
    codec.files     bytes on disk: the container, saved tables
    codec.coding    a stream -> a file -> the stream: the main path
    codec.measure   what coding did cost: the ledger of a file, the price of a wrong distribution, the audit of a table
    codec.show      everything a person looks at
    codec.cli       the command line
"""

from codec.codes.certificate import Certificate
from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode
from codec.errors import CodecError
from codec.files.tables import load, save
from codec.measure.audit import Audit, audit
from codec.measure.ledger import Ledger, ledger
from codec.measure.mismatch import Mismatch, mismatch
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
    "conditional_entropy",
    "construct",
    "cross_entropy",
    "decode",
    "encode",
    "entropy",
    "huffman",
    "ledger",
    "load",
    "mismatch",
    "mutual_information",
    "relative_entropy",
    "save",
]
__version__ = "0.2.0"
