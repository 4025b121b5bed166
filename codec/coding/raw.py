"""Raw values: readings without a codeword, as they stand in a block behind the escapes of its payload.

In files made from text, and of strings and bytes, each is its size in 2 bytes and its bytes (of strings that are no
lines of a file, UTF-8 in which lone surrogates pass). Of numbers in arrays it is 8 bytes: two's complement, or the bit
pattern of the float64. See `codec.codes.escape.raw_bits`.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.escape import raw_texts
from codec.errors import DamagedError, counted
from codec.readings.origin import Origin
from codec.theory.labels import Labels, objects

_MAX_BYTES = (1 << 16) - 1


def pack_raw(values: Labels, origin: Origin) -> bytes:
    """Raw values as bytes.

    Raises
    ------
    ValueError
        If a text has more than 65,535 bytes, or an int among objects more than 63 bits: nothing would tell its sign.
    """
    if values.kind in ("int", "float") and not origin.is_lines:
        if values.kind == "int" and not _is_unsigned(origin) and len(values) and int(values.values.max()) >= 1 << 63:
            raise ValueError(f"a raw value among objects has at most 63 bits, and one is {values.values.max()}")
        wide = values.values.astype(np.int64 if values.values.dtype.kind == "i" else np.uint64)
        return wide.astype(wide.dtype.newbyteorder(">")).tobytes()
    texts = raw_texts(values, origin.is_lines)
    longest = max(map(len, texts), default=0)
    if longest > _MAX_BYTES:
        raise ValueError(f"a raw value has at most {_MAX_BYTES:,} bytes, and one has {longest:,}")
    return b"".join(struct.pack(">H", len(text)) + text for text in texts)


def unpack_raw(data: bytes, start: int, count: int, alphabet: Labels, origin: Origin) -> tuple[Labels, int]:
    """The inverse of `pack_raw`: the next `count` values beside those of an alphabet, and where they end.

    Raises
    ------
    DamagedError
        If there are no such values.
    """
    too_few = f"its raw values end within those of its last {counted(count, 'escape')}"
    if alphabet.kind in ("int", "float") and not origin.is_lines:
        end = start + 8 * count
        if end > len(data):
            raise DamagedError(too_few)
        unsigned = alphabet.kind == "float" or _is_unsigned(origin)
        values = np.frombuffer(data[start:end], ">u8").astype(np.uint64)
        return Labels(alphabet.kind, values if unsigned else values.view(np.int64), alphabet.step), end
    texts = []
    for _ in range(count):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if end > len(data):
            raise DamagedError(too_few)
        texts.append(data[start + 2 : end])
        start = end
    if alphabet.kind == "bytes" and not origin.is_lines:
        return Labels("bytes", objects(texts)), start
    try:
        errors = "surrogateescape" if origin.is_lines else "surrogatepass"
        return Labels("str", objects([text.decode("utf-8", errors) for text in texts])), start
    except UnicodeDecodeError as error:
        raise DamagedError(f"its raw values hold a string that is not UTF-8: {error}") from None


def _is_unsigned(origin: Origin) -> bool:
    return origin.kind not in ("text", "column") and np.dtype(origin.dtype or np.uint8).kind in "ub"


def with_raw_values(alphabet: Labels, raw: Labels) -> Labels:
    """The labels of an alphabet and raw values behind them; as text if they are of different kinds."""
    if (alphabet.kind, alphabet.step) != (raw.kind, raw.step):
        return Labels("str", objects(alphabet.spellings + raw.spellings))
    if alphabet.kind == "int" and alphabet.values.dtype.kind != raw.values.dtype.kind:
        values: NDArray[Any] = objects(alphabet.values.tolist() + raw.values.tolist())
    else:
        values = np.concatenate([alphabet.values, raw.values])
    return Labels(alphabet.kind, values, alphabet.step)
