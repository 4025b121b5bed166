"""The NumPy engine: Huffman coding of whole arrays without a loop over symbols.

    encode(symbols, table, lane) -> payload, lane_bits
    decode(payload, lane_bits, count, table, lane) -> symbols

with the tables that `prepare_encode` and `prepare_decode` make of the lengths of a code,
and the same two in context, in `lane_context`.

`payload` is one plain bitstream, most significant bit first, bit for bit what coding one symbol after the
other gives. A *lane* is `lane` consecutive symbols; that the bits of every lane are known gives the
decoder as many places to start from. `lane_encoder` and `lane_decoder` say how it is done. Two
facts shape both:

* A call of a NumPy function costs about half a microsecond, and then a fifth to a third of a nanosecond
  per item, but a look-up in a table a whole nanosecond. So calls are spread over thousands of items, and
  look-ups, the slowest step, over as many symbols as the lengths of the codewords allow.
* Shifting a 64-bit item by 64 or more gives 0 in NumPy, where the processor and C do otherwise.
"""

from codec.bits.context_table import build_context_codewords as prepare_encode_context
from codec.bits.context_table import build_context_table as prepare_decode_context
from codec.bits.lane_context import decode_context, encode_context
from codec.bits.lane_decoder import decode
from codec.bits.lane_decoder import prepare as prepare_decode
from codec.bits.lane_encoder import build_encode_table as prepare_encode
from codec.bits.lane_encoder import encode
from codec.theory.dense import count_dense, look_up, through

__all__ = [
    "count_dense",
    "decode",
    "decode_context",
    "encode",
    "encode_context",
    "look_up",
    "prepare_decode",
    "prepare_decode_context",
    "prepare_encode",
    "prepare_encode_context",
    "through",
]
