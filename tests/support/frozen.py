"""What the writer writes, as SHA-256 of whole files: the corpus, and every combination of options that goes together.

python tests/support/frozen.py      write the digests to frozen.json; only for new kinds of files
"""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import corpus
import numpy as np
from corpus import Good

from codec.codes.prefix import PrefixCode, huffman
from codec.theory.distribution import Distribution

DIGESTS = Path(__file__).with_name("frozen.json")

_READINGS = corpus.levels(1000, 7).astype(np.int64)
_TEXT = "".join(f"{reading / 10:.1f}\n" for reading in _READINGS.tolist()).encode()
_CONTENTS: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "int16": (_READINGS.astype(np.int16), None),
    "int64": (_READINGS, None),
    "uint8": (_READINGS.astype(np.uint8), None),
    "float": (_READINGS / 8, None),
    "string": ("".join(chr(reading) for reading in _READINGS.tolist()), None),
    "text": (_TEXT, {}),
    "words": (b"".join(b"w%d\r\n" % reading for reading in _READINGS.tolist()), {}),
    "column": (b"x\n" + _TEXT, {"column": "x"}),
}
_WAYS: dict[str, dict[str, Any]] = {
    "plain": {}, "2 in a codeword": {"per_codeword": 2},
    "3 in a codeword": {"per_codeword": 3}, "context": {"context": True},
}  # fmt: skip
_SIZES: dict[str, dict[str, Any]] = {
    "usual": {}, "lanes of 64": {"lane_size": 64, "block_size": 256}, "odd": {"lane_size": 7, "block_size": 93},
}  # fmt: skip
_NO_DIFFERENCES = ("float", "string", "words")
_SHARED = huffman(Distribution(range(-80, 181), [1] * 261))
_FEW = PrefixCode.from_lengths([100, 105, 0, 5, -5], [2, 2, 2, 3, 4], escape_length=4)


def cases() -> dict[str, Good]:
    """Every combination by its name."""
    found = dict(corpus.GOOD)
    for (name, (content, opens)), (way, how), (sizes, of), delta in itertools.product(
        _CONTENTS.items(), _WAYS.items(), _SIZES.items(), (False, True)
    ):
        if not delta or name not in _NO_DIFFERENCES:
            label = ", ".join([name, way, sizes, *["differences"] * delta])
            options = {
                **how,
                **of,
                **({"delta": True} if delta else {}),
                **({"decimals": False} if name == "float" else {}),
            }
            found[label] = Good(label, content, options=options, opens=opens)
    for name, (code, embed), (sizes, of), delta in itertools.product(
        ("int16", "int64"),
        {"shared": (_SHARED, False), "escape": (_FEW, True), "shared escape": (_FEW, False)}.values(),
        _SIZES.items(),
        (False, True),
    ):
        label = ", ".join([name, f"{code!r}", str(embed), sizes, *["differences"] * delta])
        options = {**of, **({"delta": True} if delta else {})}
        found[label] = Good(label, _CONTENTS[name][0], code, embed, options)
    return found


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal, shortened to 128 bits."""
    return hashlib.sha256(data).hexdigest()[:32]


def expected() -> dict[str, str]:
    """The digests that were written down."""
    return dict(json.loads(DIGESTS.read_text(encoding="utf-8")))


if __name__ == "__main__":
    DIGESTS.write_text(json.dumps({name: digest(kind.make()) for name, kind in cases().items()}, indent=1) + "\n")
