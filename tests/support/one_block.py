"""One block through an engine, its table made for it alone."""


def encoded(module, symbols, lengths, lane):
    """Symbols -> payload and lane bits."""
    return module.encode(symbols, module.prepare_encode(lengths, len(symbols)), lane)


def decoded(module, payload, lane_bits, count, lengths, lane):
    """Payload and lane bits -> symbols."""
    return module.decode(payload, lane_bits, count, module.prepare_decode(lengths, min(count, 1 << 24)), lane)
