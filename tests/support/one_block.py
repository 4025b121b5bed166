"""One block through an engine, its table made for it alone."""

from typing import Any


def encoded(module: Any, symbols: Any, lengths: Any, lane: int) -> Any:
    """Symbols -> payload and lane bits."""
    return module.encode(symbols, module.prepare_encode(lengths, len(symbols)), lane)


def decoded(module: Any, payload: Any, lane_bits: Any, count: int, lengths: Any, lane: int) -> Any:
    """Payload and lane bits -> symbols."""
    return module.decode(payload, lane_bits, count, module.prepare_decode(lengths, min(count, 1 << 24)), lane)
