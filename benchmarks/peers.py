"""The coders that ours is measured beside. Each is a pair of calls on bytes; one that is not installed is named."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bitarray import bitarray, decodetree

from codec.codes.prefix import PrefixCode


@dataclass(frozen=True)
class Peer:
    """A coder: `encode` makes something whose size `size_of` tells, `decode` gives the symbols back as bytes."""

    name: str
    encode: Callable[[], Any]
    decode: Callable[[Any], Any]
    size_of: Callable[[Any], int]
    share: int = 1  # it codes only the first 1/share of the symbols, being slow


PEERS = ("bitarray", "zlib", "zlib-ng", "isal", "zstd", "constriction", "dahuffman")
_PACKAGES = {
    "zlib-ng": "zlib_ng.zlib_ng",
    "isal": "isal.isal_zlib",
    "zstd": "zstandard",
    "constriction": "constriction",
    "dahuffman": "dahuffman",
}


def peer(name: str, symbols: np.ndarray, code: PrefixCode) -> Peer | None:
    """The peer of this name, ready for these symbols (uint8); None if it is not installed."""
    module: Any = None
    if name in _PACKAGES:
        try:
            module = importlib.import_module(_PACKAGES[name])
        except ImportError:
            return None
    return {
        "bitarray": _bitarray,
        "zlib": lambda *args: _deflate("zlib Huffman-only", zlib, *args),
        "zlib-ng": lambda *args: _deflate("zlib-ng Huffman-only", module, *args),
        "isal": lambda *args: _isal(module, *args),
        "zstd": lambda *args: _zstd(module, *args),
        "constriction": lambda *args: _constriction(module, *args),
        "dahuffman": lambda *args: _dahuffman(module, *args),
    }[name](symbols, code)


def _bitarray(symbols: np.ndarray, code: PrefixCode) -> Peer:
    words = dict(enumerate(code.codewords.values()))
    data, tree = symbols.tobytes(), decodetree(words)

    def encode() -> bitarray:
        bits = bitarray()
        bits.encode(words, data)
        return bits

    return Peer("bitarray", encode, lambda bits: bytes(bits.decode(tree)), len)


def _deflate(name: str, module: Any, symbols: np.ndarray, code: PrefixCode) -> Peer:
    data = symbols.tobytes()

    def encode() -> bytes:
        coder = module.compressobj(6, module.DEFLATED, -15, 9, module.Z_HUFFMAN_ONLY)
        return coder.compress(data) + coder.flush()

    return Peer(name, encode, lambda coded: module.decompress(coded, -15, len(data)), lambda coded: 8 * len(coded))


def _isal(module: Any, symbols: np.ndarray, code: PrefixCode) -> Peer:
    data = symbols.tobytes()
    return Peer(
        "isal level 0",
        lambda: module.compress(data, 0, -15),
        lambda coded: module.decompress(coded, -15, len(data)),
        lambda coded: 8 * len(coded),
    )


def _zstd(module: Any, symbols: np.ndarray, code: PrefixCode) -> Peer:
    data = symbols.tobytes()
    coder, decoder = module.ZstdCompressor(level=1), module.ZstdDecompressor()
    return Peer("zstd level 1", lambda: coder.compress(data), decoder.decompress, lambda coded: 8 * len(coded))


def _constriction(module: Any, symbols: np.ndarray, code: PrefixCode) -> Peer:
    wanted = symbols.astype(np.int32)
    counts = np.bincount(symbols, minlength=len(code))
    model = module.stream.model.Categorical(counts / counts.sum(), perfect=False)

    def encode() -> Any:
        coder = module.stream.stack.AnsCoder()
        coder.encode_reverse(wanted, model)
        return coder.get_compressed()

    def decode(coded: Any) -> bytes:
        decoded = module.stream.stack.AnsCoder(coded).decode(model, len(wanted))
        return np.asarray(decoded).astype(np.uint8).tobytes()

    return Peer("constriction ANS", encode, decode, lambda coded: 32 * len(coded))


def _dahuffman(module: Any, symbols: np.ndarray, code: PrefixCode) -> Peer:
    share = max(1, len(symbols) // 200_000)
    part = symbols[: len(symbols) // share]
    coder = module.HuffmanCodec.from_frequencies(dict(enumerate(np.bincount(symbols, minlength=len(code)).tolist())))
    data = part.tobytes()
    return Peer(
        "dahuffman", lambda: coder.encode(data), lambda coded: bytes(coder.decode(coded)), lambda c: 8 * len(c), share
    )
