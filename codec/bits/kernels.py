"""The loops of the Numba engine.

Key observations
----------------
Decoding one lane is a chain: look up, shift the window, look up again. Each link waits about eight cycles for the
first-level cache, in which the processor has nothing else to do. Six lanes decoded in turn, instruction by
instruction, fill that time, and give most of the speed.

A window of 64 bits, read at any byte, holds at least 57 bits from any bit on: four look-ups of up to 14 bits. An
entry holds up to three symbols, ``count << 30 | bits << 24 | symbols``, in 32 bits, so that 2 ** 13 entries fit the
first-level cache. All its symbols are stored at once; the next store overwrites the surplus. Sums of ``entry >> 24``
count bits and symbols at the same time: four times 14 bits are below 64 and never carry.

The entry 0 (a codeword longer than the index, or no codeword) moves nothing. The lane stays where it is, so only the
last of the four entries is tested. One symbol is then decoded by the limits of the canonical code.

Encoding has no chain like this. Two look-ups in a table of all pairs give the bits of four symbols, at most 52 if no
codeword has more than 13; with at most 7 left over from before they fit one word. The word is stored whole at the
byte where it begins; the next store begins behind its last full byte.

All functions compiled by Numba are in this file, because its disk cache looks only for changes in this one.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

STREAMS = 6  # lanes decoded in turn
LOOK_UPS = 4  # in one window
MAX_FAST_WIDTH = 14  # widest index of the look-ups in turn, bits: 4 * 14 <= 57
MAX_PER_LOOK_UP = 3  # symbols in an entry
MAX_PAIRED_LENGTH = 13  # longest codeword of a pair, bits: two of them and their length fit 32 bits
ROUNDS = 2  # windows of each lane that are decoded before anything is checked
# Symbols that a run of lanes must have left for them, so that no store reaches beyond it.
ROOM = ROUNDS * LOOK_UPS * MAX_PER_LOOK_UP
RUNS = 8  # the most runs of numbers that are shifted alike
# Rows of the state of the lanes decoded in turn: next bit, next symbol, symbol before which to stop.
BIT, AT, STOP = 0, 1, 2

word = np.uint64
SYMBOLS_BITS = np.uint32(24)
BITS = np.uint64(63)
COUNT_SHIFT = np.uint64(6)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile at the first call; keep the result on disk if there is a place for it, else compile in every process."""
    if numba.config.BOUNDSCHECK is not None:  # type: ignore[attr-defined]  # Numba's cache does not separate checked code from unchecked code.
        return numba.njit(nogil=True)(function)
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # Neither __pycache__ nor the user's cache folder can be written.
        return numba.njit(nogil=True)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Make a function part of the loop that calls it."""
    return numba.njit(nogil=True, forceinline=True)(function)


def _address(bits: int, context: Any, builder: Any, array_type: Any, array: Any, place: Any) -> Any:
    """Return the address of ``array[place]`` as that of a number of so many bits."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [place]), ir.IntType(bits).as_pointer())


def _loading(bits: int, big_endian: bool) -> Any:
    """Make a function that reads a number of so many bits from any place of an array."""

    def load(typing: Any, array: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = _address(bits, context, builder, signature.args[0], *arguments)
            value = builder.load(address, align=1, typ=ir.IntType(bits))
            return builder.bswap(value) if big_endian else builder.zext(value, ir.IntType(64))

        return types.uint64(array, types.uint64), generate

    return intrinsic(load)


def _storing(bits: int, big_endian: bool) -> Any:
    """Make a function that writes a number of so many bits to any place of an array."""

    def store(typing: Any, array: Any, place: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = _address(bits, context, builder, signature.args[0], *arguments[:2])
            builder.store(builder.bswap(arguments[2]) if big_endian else arguments[2], address, align=1)
            return context.get_dummy_value()

        number = types.Integer.from_bitwidth(bits, False)
        return types.none(array, types.uint64, number), generate

    return intrinsic(store)


_load, _load_pair, _load_word = _loading(64, True), _loading(16, False), _loading(64, False)
_store, _store_entry = _storing(64, True), _storing(32, False)  # an entry is 4 symbols of 8 bits or 2 of 16


@inlined
def load_window(payload, bit):
    """Return at least 57 bits from ``bit`` on, left-aligned; 8 bytes must be there."""
    place = bit >> word(3)
    payload[place + word(7)]  # Nothing, unless Numba checks bounds.
    return _load(payload, place) << (bit & word(7))


@inlined
def load_window_at_end(payload, bit):
    """Return the same with zeros beyond the payload."""
    place = bit >> word(3)
    size = word(len(payload))
    if place + word(8) <= size:
        return load_window(payload, bit)
    value = word(0)
    shift = word(56)
    while place < size:
        value |= word(payload[place]) << shift
        shift -= word(8)
        place += word(1)
    return value << (bit & word(7))


@inlined
def decode_entry(entries, shift, symbols, window, moved):
    """Decode one entry.

    Return what is left of the window, ``symbols so far << 6 | bits of this window so far``, and the entry.
    """
    entry = entries[window >> shift]
    place = moved >> COUNT_SHIFT
    symbols[place + word(4 // symbols.itemsize - 1)]
    _store_entry(symbols, place, entry)
    step = word(entry >> SYMBOLS_BITS)
    return window << (step & BITS), moved + step, entry


@compiled
def run_streams(payload, entries, shift, symbols, state):
    """Decode six lanes in turn until one reaches its stop or an entry 0.

    Nothing is checked in between. A stop must leave room for `ROUNDS` windows: for `ROOM` symbols in the lane,
    and for as many words in the payload behind the bits that the symbols before it can take.
    """
    bit0, moved0, stop0 = state[BIT, 0], state[AT, 0] << COUNT_SHIFT, state[STOP, 0] << COUNT_SHIFT
    bit1, moved1, stop1 = state[BIT, 1], state[AT, 1] << COUNT_SHIFT, state[STOP, 1] << COUNT_SHIFT
    bit2, moved2, stop2 = state[BIT, 2], state[AT, 2] << COUNT_SHIFT, state[STOP, 2] << COUNT_SHIFT
    bit3, moved3, stop3 = state[BIT, 3], state[AT, 3] << COUNT_SHIFT, state[STOP, 3] << COUNT_SHIFT
    bit4, moved4, stop4 = state[BIT, 4], state[AT, 4] << COUNT_SHIFT, state[STOP, 4] << COUNT_SHIFT
    bit5, moved5, stop5 = state[BIT, 5], state[AT, 5] << COUNT_SHIFT, state[STOP, 5] << COUNT_SHIFT
    while moved0 < stop0 and moved1 < stop1 and moved2 < stop2 and moved3 < stop3 and moved4 < stop4 and moved5 < stop5:
        for _ in range(ROUNDS):
            window0 = load_window(payload, bit0)
            window1 = load_window(payload, bit1)
            window2 = load_window(payload, bit2)
            window3 = load_window(payload, bit3)
            window4 = load_window(payload, bit4)
            window5 = load_window(payload, bit5)
            for _ in range(LOOK_UPS):
                window0, moved0, entry0 = decode_entry(entries, shift, symbols, window0, moved0)
                window1, moved1, entry1 = decode_entry(entries, shift, symbols, window1, moved1)
                window2, moved2, entry2 = decode_entry(entries, shift, symbols, window2, moved2)
                window3, moved3, entry3 = decode_entry(entries, shift, symbols, window3, moved3)
                window4, moved4, entry4 = decode_entry(entries, shift, symbols, window4, moved4)
                window5, moved5, entry5 = decode_entry(entries, shift, symbols, window5, moved5)
            bit0, moved0 = bit0 + (moved0 & BITS), moved0 & ~BITS
            bit1, moved1 = bit1 + (moved1 & BITS), moved1 & ~BITS
            bit2, moved2 = bit2 + (moved2 & BITS), moved2 & ~BITS
            bit3, moved3 = bit3 + (moved3 & BITS), moved3 & ~BITS
            bit4, moved4 = bit4 + (moved4 & BITS), moved4 & ~BITS
            bit5, moved5 = bit5 + (moved5 & BITS), moved5 & ~BITS
        if entry0 == 0 or entry1 == 0 or entry2 == 0 or entry3 == 0 or entry4 == 0 or entry5 == 0:
            break
    state[BIT, 0], state[AT, 0] = bit0, moved0 >> COUNT_SHIFT
    state[BIT, 1], state[AT, 1] = bit1, moved1 >> COUNT_SHIFT
    state[BIT, 2], state[AT, 2] = bit2, moved2 >> COUNT_SHIFT
    state[BIT, 3], state[AT, 3] = bit3, moved3 >> COUNT_SHIFT
    state[BIT, 4], state[AT, 4] = bit4, moved4 >> COUNT_SHIFT
    state[BIT, 5], state[AT, 5] = bit5, moved5 >> COUNT_SHIFT


@inlined
def decode_symbol(window, limits, floors, first_ranks, used_lengths, ranked_symbols):
    """Return the first symbol of a window and its bits, 0 bits if no codeword begins so."""
    prefix = window >> word(32)
    for row in range(len(limits)):
        if prefix < limits[row]:
            bits = word(used_lengths[row])
            rank = word(first_ranks[row]) + ((prefix - floors[row]) >> (word(32) - bits))
            return word(ranked_symbols[rank]), bits
    return word(0), word(0)


@compiled
def finish_lane(payload, entries, shift, lengths, canonical, symbols, bit, at, end):
    """Decode a lane up to its end, with all checks; return the bit behind it, or -1 if there is no codeword."""
    bit, at, end = word(bit), word(at), word(end)
    mask = word(0xFF) if symbols.itemsize == 1 else word(0xFFFF)
    per_store = word(4 // symbols.itemsize)
    while at < end:
        window = load_window_at_end(payload, bit)
        entry = entries[window >> shift]
        if entry == 0:
            symbol, used = decode_symbol(window, *canonical)
            if used == 0:
                return -1
            symbols[at] = symbol
            bit += used
            at += word(1)
        elif at + per_store <= end:
            _store_entry(symbols, at, entry)
            step = word(entry >> SYMBOLS_BITS)
            bit += step & BITS
            at += step >> COUNT_SHIFT
        else:
            symbol = word(entry) & mask
            symbols[at] = symbol
            bit += word(lengths[symbol])
            at += word(1)
    return np.int64(bit)


@inlined
def bits_between(lengths, symbols, begin, end):
    """Return the bits of the codewords of ``symbols[begin:end]``."""
    bits = 0
    for at in range(word(begin), word(end)):
        bits += np.int64(lengths[symbols[at]])
    return bits


@compiled
def decode_lanes(payload, starts, ends, lane, width, entries, lengths, canonical, symbols):
    """Decode all lanes; return -1, or the number of the first lane found damaged.

    Each of the streams decodes a run of lanes, ``current`` to ``behind``, without a break. Past the end of a lane,
    it takes back the bits of the symbols beyond; that must lead to the bit where the lane ends. Where the next lane
    starts somewhere else, the stream goes there. At the end of a run, where a round could store too much, symbols are
    decoded alone.
    """
    shift, count = word(64 - width), len(symbols)
    lanes = len(starts)
    if not lanes:
        return -1
    readable = 8 * (len(payload) - 8 * ROUNDS)
    state = np.zeros((3, STREAMS), np.uint64)
    bits, ats, stops = state[BIT], state[AT], state[STOP]
    current = np.arange(STREAMS) * lanes // STREAMS
    behind = np.arange(1, STREAMS + 1) * lanes // STREAMS
    for stream in range(STREAMS):
        bits[stream] = starts[current[stream]]
        ats[stream] = current[stream] * lane
    running = width <= MAX_FAST_WIDTH
    while running:
        for stream in range(STREAMS):
            at, bit = ats[stream], bits[stream]
            if at < stops[stream] and entries[load_window(payload, bit) >> shift] == 0:
                symbol, used = decode_symbol(load_window(payload, bit), *canonical)
                if used == 0:
                    return current[stream]
                symbols[at] = symbol
                bits[stream], ats[stream] = bit + used, at + word(1)
                stops[stream] = 0
            while ats[stream] >= stops[stream]:
                number = current[stream]
                if number == behind[stream]:
                    longest = np.argmax(behind - current)
                    if behind[longest] - current[longest] < 2:
                        running = False
                        break
                    behind[stream] = behind[longest]
                    behind[longest] -= 1
                    stops[longest] = stops[stream] = 0
                    number = current[stream] = behind[longest]
                    bits[stream], ats[stream] = starts[number], number * lane
                at, bit = np.int64(ats[stream]), np.int64(bits[stream])
                end = min(number * lane + lane, count)
                if at < end:
                    # From bit ``readable`` on, `ROUNDS` words are left; every symbol takes at most ``width`` bits.
                    stop = min(end, min(behind[stream] * lane, count) - ROOM)
                    if bit + (stop - at) * width > readable:
                        stop = at + (readable - bit) // width
                    if at < stop:
                        stops[stream] = stop
                        break
                    bit = finish_lane(payload, entries, shift, lengths, canonical, symbols, bit, at, end)
                    bits[stream], ats[stream] = bit, end
                    at = end
                if bit - bits_between(lengths, symbols, end, at) != ends[number]:
                    return number
                current[stream] = number + 1
                if number + 1 < lanes and starts[number + 1] != ends[number]:
                    bits[stream], ats[stream] = starts[number + 1], end
        if running:
            run_streams(payload, entries, shift, symbols, state)
    for stream in range(STREAMS):
        at, bit = np.int64(ats[stream]), np.int64(bits[stream])
        for number in range(current[stream], behind[stream]):
            end = min(number * lane + lane, count)
            if at < end:
                bit = finish_lane(payload, entries, shift, lengths, canonical, symbols, bit, at, end)
                at = end
            if bit - bits_between(lengths, symbols, end, at) != ends[number]:
                return number
            if number + 1 < lanes and starts[number + 1] != ends[number]:
                bit, at = starts[number + 1], end
    return -1


@inlined
def append(payload, place, held, tail, codeword):
    """Append ``value << 6 | bits`` (at most 56 bits) behind ``held`` < 8 bits; return the new place, held and tail."""
    bits = codeword & BITS
    tail = tail << bits | codeword >> COUNT_SHIFT
    held += bits
    payload[place + word(7)]
    _store(payload, place, tail << (word(64) - held))
    return place + (held >> word(3)), held & word(7), tail


@inlined
def join(first, second):
    """Return two codewords, ``value << 6 | bits``, as one; together below 58 bits."""
    bits = second & BITS
    return ((first >> COUNT_SHIFT) << bits | second >> COUNT_SHIFT) << COUNT_SHIFT | ((first & BITS) + bits)


@compiled
def pair_codewords(codewords, pairs):
    """Fill the table of all pairs of symbols of 8 bits, indexed by ``first | second << 8``."""
    for first in range(word(len(codewords))):
        for second in range(word(len(codewords))):
            pairs[first | second << word(8)] = np.uint32(join(codewords[first], codewords[second]))


@compiled
def encode_pairs(symbols, codewords, pairs, lane, lanes_in_block, payload, lane_bits):
    """Encode symbols of 8 bits with codewords of at most 13 bits, four at a time; each block begins with a byte."""
    place, held, tail = word(0), word(0), word(0)
    for number in range(len(lane_bits)):
        if number % lanes_in_block == 0:
            place, held = place + ((held + word(7)) >> word(3)), word(0)
        begin = place * word(8) + held
        at = word(number * lane)
        end = word(min(number * lane + lane, len(symbols)))
        while at + word(4) <= end:
            first, second = word(pairs[_load_pair(symbols, at)]), word(pairs[_load_pair(symbols, at + word(2))])
            bits = (first + second) & BITS
            tail = tail << bits | (first >> COUNT_SHIFT) << (second & BITS) | second >> COUNT_SHIFT
            held += bits
            payload[place + word(7)]
            _store(payload, place, tail << (word(64) - held))
            place += held >> word(3)
            held &= word(7)
            at += word(4)
        while at < end:
            place, held, tail = append(payload, place, held, tail, codewords[symbols[at]])
            at += word(1)
        lane_bits[number] = place * word(8) + held - begin


@compiled
def encode_singles(symbols, codewords, lane, lanes_in_block, payload, lane_bits):
    """Encode symbols one at a time; each block begins with a byte."""
    place, held, tail = word(0), word(0), word(0)
    for number in range(len(lane_bits)):
        if number % lanes_in_block == 0:
            place, held = place + ((held + word(7)) >> word(3)), word(0)
        begin = place * word(8) + held
        for at in range(word(number * lane), word(min(number * lane + lane, len(symbols)))):
            place, held, tail = append(payload, place, held, tail, codewords[symbols[at]])
        lane_bits[number] = place * word(8) + held - begin


@compiled
def encode_in_context(symbols, cells, row_of, lane, lanes_in_block, payload, lane_bits):
    """Encode each symbol with the code of the row of the one before it; each block begins with a byte."""
    size = len(row_of)
    place, held, tail = word(0), word(0), word(0)
    for number in range(len(lane_bits)):
        if number % lanes_in_block == 0:
            place, held = place + ((held + word(7)) >> word(3)), word(0)
        begin = place * word(8) + held
        row = 0
        for at in range(number * lane, min(number * lane + lane, len(symbols))):
            symbol = np.int64(symbols[at])
            place, held, tail = append(payload, place, held, tail, cells[row * size + symbol])
            row = row_of[symbol]
        lane_bits[number] = place * word(8) + held - begin


@compiled
def symbol_in_row(payload, bit, row, width, entries, limits, first_ranks, ranked_symbols):
    """Return the symbol at a bit, decoded in a row, and the bit behind it; beyond any payload if there is none."""
    window = load_window_at_end(payload, bit)
    entry = word(entries[word(row) << word(width) | window >> word(64 - width)])
    if entry:
        return np.int64(entry >> word(8)), bit + (entry & word(0xFF))
    prefix = window >> word(32)
    for length in range(1, 33):
        if prefix < limits[row, length]:
            offset = np.int64((prefix - limits[row, length - 1]) >> word(32 - length))
            return np.int64(ranked_symbols[first_ranks[row, length] + offset]), bit + word(length)
    return np.int64(0), word(1 << 62)


@compiled
def decode_in_context(
    payload, starts, ends, lane, width, entries, limits, first_ranks, ranked_symbols, row_of, symbols
):
    """Decode all lanes in context; return -1, or the number of a lane found damaged.

    Each symbol waits for the one before it, so four lanes are decoded in turn, as long as their codewords are short
    and the payload goes on for a word; otherwise one by one.
    """
    lanes = len(starts)
    behind, readable = word(8 * len(payload)), word(max(8 * (len(payload) - 8), 0))
    table, shift, eight, low = word(width), word(64 - width), word(8), word(0xFF)
    together = max(lanes - 1, 0) // 4 * 4 if len(payload) >= 8 else 0  # the last lane may have fewer symbols
    bits, rows = np.empty(4, np.uint64), np.empty(4, np.int64)
    for first in range(0, together, 4):
        at0, at1, at2, at3 = first * lane, (first + 1) * lane, (first + 2) * lane, (first + 3) * lane
        bits[:] = starts[first : first + 4]
        rows[:] = 0
        inside = 0
        while inside < lane:
            bit0, bit1, bit2, bit3 = bits
            row0, row1, row2, row3 = word(rows[0]), word(rows[1]), word(rows[2]), word(rows[3])
            while inside < lane and max(max(bit0, bit1), max(bit2, bit3)) <= readable:
                entry0 = word(entries[row0 << table | load_window(payload, bit0) >> shift])
                entry1 = word(entries[row1 << table | load_window(payload, bit1) >> shift])
                entry2 = word(entries[row2 << table | load_window(payload, bit2) >> shift])
                entry3 = word(entries[row3 << table | load_window(payload, bit3) >> shift])
                if entry0 == 0 or entry1 == 0 or entry2 == 0 or entry3 == 0:
                    break
                bit0, bit1 = bit0 + (entry0 & low), bit1 + (entry1 & low)
                bit2, bit3 = bit2 + (entry2 & low), bit3 + (entry3 & low)
                symbols[at0 + inside], row0 = entry0 >> eight, word(row_of[entry0 >> eight])
                symbols[at1 + inside], row1 = entry1 >> eight, word(row_of[entry1 >> eight])
                symbols[at2 + inside], row2 = entry2 >> eight, word(row_of[entry2 >> eight])
                symbols[at3 + inside], row3 = entry3 >> eight, word(row_of[entry3 >> eight])
                inside += 1
            bits[0], bits[1], bits[2], bits[3] = bit0, bit1, bit2, bit3
            rows[0], rows[1], rows[2], rows[3] = row0, row1, row2, row3
            if inside < lane:
                for turn in range(4):
                    symbol, bits[turn] = symbol_in_row(
                        payload, bits[turn], rows[turn], width, entries, limits, first_ranks, ranked_symbols
                    )
                    if bits[turn] > behind:
                        return first + turn
                    symbols[(first + turn) * lane + inside], rows[turn] = symbol, row_of[symbol]
                inside += 1
        for turn in range(4):
            if bits[turn] != word(ends[first + turn]):
                return first + turn
    for number in range(together, lanes):
        bit, row = word(starts[number]), 0
        for at in range(number * lane, min(number * lane + lane, len(symbols))):
            symbol, bit = symbol_in_row(payload, bit, row, width, entries, limits, first_ranks, ranked_symbols)
            if bit > behind:
                return number
            symbols[at], row = symbol, row_of[symbol]
        if bit != word(ends[number]):
            return number
    return -1


@compiled
def count_low(values, counts):
    """Count unsigned numbers by their lowest bits, in four tables in turn, so that equal neighbours do not wait."""
    mask, one, whole = word(counts.shape[1] - 1), np.uint32(1), word(len(values) // 4 * 4)
    for at in range(word(0), whole, word(4)):
        counts[0, word(values[at]) & mask] += one
        counts[1, word(values[at + word(1)]) & mask] += one
        counts[2, word(values[at + word(2)]) & mask] += one
        counts[3, word(values[at + word(3)]) & mask] += one
    for at in range(whole, word(len(values))):
        counts[0, word(values[at]) & mask] += one


@compiled
def count_pairs(values, counts, apart):
    """Count bytes two at a time, in two tables of 2 ** 16 counts in turn, the second of which begins at ``apart``.

    If they began a multiple of 4 KB apart, counts of the same pair would be taken for each other for a while.
    """
    one, pair, whole = np.uint32(1), word(0xFFFF), word(len(values) // 8 * 8)
    for at in range(word(0), whole, word(8)):
        pairs = _load_word(values, at)
        counts[pairs & pair] += one
        counts[apart + (pairs >> word(16) & pair)] += one
        counts[pairs >> word(32) & pair] += one
        counts[apart + (pairs >> word(48))] += one


@compiled
def through(values, table, out):
    """Write ``table[value]`` for each unsigned number; what lies beyond the table is at its last place."""
    last = word(len(table) - 1)
    if last >= word(2 ** (8 * values.itemsize) - 1):
        for at in range(word(len(values))):
            out[at] = table[values[at]]
    else:
        for at in range(word(len(values))):
            out[at] = table[min(word(values[at]), last)]


@compiled
def look_up(values, low, table, out):
    """Write ``table[value - low]`` likewise, and return the largest entry met."""
    most, last, mask = np.uint32(0), word(len(table) - 1), word(2 ** (8 * values.itemsize) - 1)
    if last >= mask:
        for at in range(word(len(values))):
            entry = table[values[at]]
            most = max(most, entry)
            out[at] = entry
    else:
        for at in range(word(len(values))):
            entry = table[min((word(values[at]) - low) & mask, last)]
            most = max(most, entry)
            out[at] = entry
    return most


@compiled
def shift_run(values, low, firsts, lasts, shifts, out):
    """Write ``value - low + shift`` for each number; return whether one is beyond the last of the run, as a number.

    The largest of ones and zeros is found many at a time, where the like with `or` is not.
    """
    zero, one = values.dtype.type(0), values.dtype.type(1)
    last, shift, beyond = lasts[0], shifts[0], zero
    for at in range(len(values)):
        value = values.dtype.type(values[at] - low)
        out[at] = value + shift
        beyond = max(beyond, one if value > last else zero)
    return beyond


@compiled
def shift_runs(values, low, firsts, lasts, shifts, out):
    """Write likewise, where each of `RUNS` runs has a shift of its own; the first begins at `low`.

    Each choice stands by itself: a loop over the runs would keep the numbers from being shifted many at once.
    """
    zero, one = values.dtype.type(0), values.dtype.type(1)
    first1, first2, first3, first4 = firsts[1], firsts[2], firsts[3], firsts[4]
    first5, first6, first7 = firsts[5], firsts[6], firsts[7]
    last0, last1, last2, last3, last4 = lasts[0], lasts[1], lasts[2], lasts[3], lasts[4]
    last5, last6, last7 = lasts[5], lasts[6], lasts[7]
    shift0, shift1, shift2, shift3, shift4 = shifts[0], shifts[1], shifts[2], shifts[3], shifts[4]
    shift5, shift6, shift7 = shifts[5], shifts[6], shifts[7]
    beyond = zero
    for at in range(len(values)):
        value = values.dtype.type(values[at] - low)
        shift = shift1 if value >= first1 else shift0
        shift = shift2 if value >= first2 else shift
        shift = shift3 if value >= first3 else shift
        shift = shift4 if value >= first4 else shift
        shift = shift5 if value >= first5 else shift
        shift = shift6 if value >= first6 else shift
        shift = shift7 if value >= first7 else shift
        out[at] = value + shift
        last = last1 if value >= first1 else last0
        last = last2 if value >= first2 else last
        last = last3 if value >= first3 else last
        last = last4 if value >= first4 else last
        last = last5 if value >= first5 else last
        last = last6 if value >= first6 else last
        last = last7 if value >= first7 else last
        beyond = max(beyond, one if value > last else zero)
    return beyond


@compiled
def predicted_sums(left, history, weights, shift, highest, known):
    """Each value out of what a prediction from those before it leaves; see `codec.coding.linear.undone`.

    Parameters
    ----------
    left : int64 array (count,)
    history : int64 array (order,), the last value first
    weights : int64 array (order,)
    shift : int
    highest : int
        Predictions are from 0 to this; -1: of any size.
    known : int64 array (count,) or (0,)
        Values known otherwise, -1 elsewhere.
    """
    order = len(weights)
    every = np.empty(order + len(left), np.int64)
    for place in range(order):
        every[order - 1 - place] = history[place]
    half = (1 << shift) >> 1
    for at in range(len(left)):
        total = half
        for lag in range(order):
            total += weights[lag] * every[order + at - 1 - lag]
        prediction = total >> shift
        if highest >= 0:
            prediction = min(max(prediction, 0), highest)
        value = prediction + left[at]
        if len(known) and known[at] >= 0:
            value = known[at]
        every[order + at] = value
    return every[order:]
