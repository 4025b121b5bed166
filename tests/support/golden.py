"""Files of version 1 as they stood when it was frozen, byte by byte, and what they hold. They never change.

Each line is a field, or a piece of one: its bytes in hexadecimal, and behind # its name and what it says. The names are
those of `codec.files.container`; bits of a payload are written behind it, a codeword at a time.
"""

from __future__ import annotations

import numpy as np
from context_codes import SHARED, in_rows
from corpus import Good

from codec.codes.prefix import PrefixCode

HOLDS: dict[str, Good] = {
    "array": Good("an array, its code learned", np.array([[100, 105, 105], [110, 105, 100]], np.int16)),
    "given code": Good(
        "no table, but the code that it was written with",
        np.array([3, 5, 3, 3, 9], np.uint8),
        PrefixCode.from_lengths([3, 5, 9], [1, 2, 2]),
        False,
    ),
    "incomplete code": Good(
        "a code with unused prefixes, a label without a codeword, labels that do not ascend",
        np.array([5, -1, 5, 5]),
        PrefixCode.from_lengths([5, -1, 3], [1, 3, 0]),
    ),
    "nothing": Good("an array of no readings", np.zeros((0, 2), np.float32)),
    "floats": Good(
        "two zeros and a NaN, in order of columns", np.asfortranarray([[0.5, -0.0], [np.nan, 0.5], [0.5, 0.0]])
    ),
    "bytes": Good("lanes of three symbols", b"abracadabra", options={"lane_size": 3}),
    "string": Good("characters", "Füße", options={"lane_size": 3}),
    "labels of bytes": Good("bytes among objects", np.array([b"", b"\0", b"ab", b""], object)),
    "text": Good(
        "numbers with one decimal, in blocks; the last line is not ended",
        b"21.5\n21.4\n21.5\n-0.3\n21.5",
        options={"lane_size": 2, "block_size": 3},
        opens={},
    ),
    "text, CR LF": Good("words, and an empty line", b"on\r\noff\r\n\r\non\r\n", opens={}),
    "column": Good("a column of a CSV file", b"x\n2.5\n2.5\n-1.0\n", opens={"column": "x"}),
    "escapes": Good(
        "readings without a codeword",
        np.array([100, 7, 105, 100, -3]),
        PrefixCode.from_lengths([100, 105], [1, 2], escape_length=2),
    ),
    "escapes in text": Good(
        "lines without a codeword",
        b"a\nxyz\n\na\n",
        PrefixCode.from_lengths(["a", "b"], [1, 2], escape_length=2),
        opens={},
    ),
    "pairs": Good("two readings to a codeword, the last pair filled up", b"abaabaaba", options={"per_codeword": 2}),
    "differences": Good(
        "differences of neighbours, in two blocks",
        np.array([5, 6, 7, 6, 7, 8], np.uint8),
        options={"delta": True, "lane_size": 2, "block_size": 4},
    ),
    "context": Good(
        "a code behind each reading",
        "abbabb",
        in_rows("ab", {SHARED: {0: 1, 1: 1}, 0: {1: 1}, 1: {0: 1, 1: 1}}),
    ),
    "differences in pairs": Good(
        "differences of lines, two to a codeword",
        b"10\n20\n30\n40\n50\n",
        options={"delta": True, "per_codeword": 2},
        opens={},
    ),
    "differences in context": Good(
        "differences, a code behind each",
        np.array([7, 8, 9, 9, 10, 11, 11]),
        in_rows([0, 1], {SHARED: {0: 1, 1: 1}, 0: {1: 1}, 1: {0: 1, 1: 1}}),
        options={"delta": True},
    ),
}

FILES: dict[str, str] = {
    "array": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000015              # table size: 21
        27473f3c89573ccd      # table fingerprint
        0017                  # origin size: 23
        00                    # origin: array
        033c6932              # origin: a type of 3 bytes, <i2
        00                    # origin: order C
        0200000000000000020000000000000003  # origin: 2 dimensions, 2 x 3
        21608d00              # checksum
        # table
        00                    # table: int
        00000003              # table: 3 labels
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        008000000000000064    # table: label 100
        2940                  # table: gaps 5, 5
        2a60                  # table: differences of lengths 2, -1, 1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000006              # count: 6
        00000009              # payload bits: 9
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        8d00                  # payload: 10 0 0 11 0 10
        1c3349e9              # checksum
        # end
        45                    # mark: E
        0000000000000006      # count: 6
        2e810a59              # checksum of symbols
        0009                  # closing size: 9
        000000000000000c      # closing: original of 12 bytes
        01                    # closing: its last line is ended
        f94fd89d              # checksum
    """,
    "given code": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        00                    # flags: none
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000000              # table size: 0
        0a53335a6ff1c5fd      # table fingerprint
        000f                  # origin size: 15
        00                    # origin: array
        037c7531              # origin: a type of 3 bytes, |u1
        00                    # origin: order C
        010000000000000005    # origin: 1 dimension, 5
        04c989ad              # checksum
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000005              # count: 5
        00000007              # payload bits: 7
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        46                    # payload: 0 10 0 0 11
        1fffa130              # checksum
        # end
        45                    # mark: E
        0000000000000005      # count: 5
        9090f154              # checksum of symbols
        0009                  # closing size: 9
        0000000000000005      # closing: original of 5 bytes
        01                    # closing: its last line is ended
        f653a4fd              # checksum
    """,
    "incomplete code": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        03                    # flags: a table, incomplete
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000025              # table size: 37
        d44cdf9524fd8c36      # table fingerprint
        000f                  # origin size: 15
        00                    # origin: array
        033c6938              # origin: a type of 3 bytes, <i8
        00                    # origin: order C
        010000000000000004    # origin: 1 dimension, 4
        05e36be2              # checksum
        # table
        00                    # table: int
        00000003              # table: 3 labels
        01                    # table: a step of 1 digit
        31                    # table: step 1
        00                    # table: in another order
        008000000000000005    # table: label 5
        007fffffffffffffff    # table: label -1
        008000000000000003    # table: label 3
        6530                  # table: differences of lengths 1, 2, -3
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000004              # count: 4
        00000006              # payload bits: 6
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        40                    # payload: 0 100 0 0
        8ee9002d              # checksum
        # end
        45                    # mark: E
        0000000000000004      # count: 4
        2086b52b              # checksum of symbols
        0009                  # closing size: 9
        0000000000000020      # closing: original of 32 bytes
        01                    # closing: its last line is ended
        87722683              # checksum
    """,
    "nothing": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        03                    # flags: a table, incomplete
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        01                    # label kind: float
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000005              # table size: 5
        957b88b12730e646      # table fingerprint
        0017                  # origin size: 23
        00                    # origin: array
        033c6634              # origin: a type of 3 bytes, <f4
        00                    # origin: order C
        0200000000000000000000000000000002  # origin: 2 dimensions, 0 x 2
        c9bad924              # checksum
        # table
        01                    # table: float
        00000000              # table: 0 labels
        # end
        45                    # mark: E
        0000000000000000      # count: 0
        00000000              # checksum of symbols
        0009                  # closing size: 9
        0000000000000000      # closing: original of 0 bytes
        01                    # closing: its last line is ended
        e62cd0b1              # checksum
    """,
    "floats": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        01                    # label kind: float
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000027              # table size: 39
        357b66604132e510      # table fingerprint
        0017                  # origin size: 23
        00                    # origin: array
        033c6638              # origin: a type of 3 bytes, <f8
        01                    # origin: order Fortran
        0200000000000000030000000000000002  # origin: 2 dimensions, 3 x 2
        cc418490              # checksum
        # table
        01                    # table: float
        00000004              # table: 4 labels
        8000000000000000      # table: label -0.0
        0000000000000000      # table: label 0.0
        3fe0000000000000      # table: label 0.5
        7ff8000000000000      # table: label nan
        3c8c                  # table: differences of lengths 3, 0, -2, 1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000006              # count: 6
        0000000b              # payload bits: 11
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        4ce0                  # payload: 0 10 0 110 0 111
        82e3d301              # checksum
        # end
        45                    # mark: E
        0000000000000006      # count: 6
        5492e0e7              # checksum of symbols
        0009                  # closing size: 9
        0000000000000030      # closing: original of 48 bytes
        01                    # closing: its last line is ended
        f8250cfa              # checksum
    """,
    "bytes": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        00000003              # lane size: 3
        007d0000              # block size: 8,192,000
        00000015              # table size: 21
        c3560f32c2ba7e3e      # table fingerprint
        0001                  # origin size: 1
        01                    # origin: bytes
        8cecc702              # checksum
        # table
        00                    # table: int
        00000005              # table: 5 labels
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        008000000000000061    # table: label 97
        e380                  # table: gaps 1, 1, 1, 14
        65e0                  # table: differences of lengths 1, 2, 0, 0, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        0000000b              # count: 11
        00000017              # payload bits: 23
        00000000              # extra size: 0
        00000005              # least lane bits: 5
        02                    # index width: 2
        88                    # lane index: bits of lanes above the least
        4eac9c                # payload: 0 100 111 0 101 0 110 0 100 111 0
        033ba7fb              # checksum
        # end
        45                    # mark: E
        000000000000000b      # count: 11
        6c384f14              # checksum of symbols
        0009                  # closing size: 9
        000000000000000b      # closing: original of 11 bytes
        01                    # closing: its last line is ended
        55a4065f              # checksum
    """,
    "string": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        02                    # label kind: str
        00000003              # lane size: 3
        007d0000              # block size: 8,192,000
        0000001c              # table size: 28
        8c84cab5de10d7f1      # table fingerprint
        0001                  # origin size: 1
        03                    # origin: string
        d86aefac              # checksum
        # table
        02                    # table: str
        00000004              # table: 4 labels
        0000000146            # table: label of 1 bytes, 'F'
        0000000165            # table: label of 1 bytes, 'e'
        00000002c39f          # table: label of 2 bytes, 'ß'
        00000002c3bc          # table: label of 2 bytes, 'ü'
        2f                    # table: differences of lengths 2, 0, 0, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000004              # count: 4
        00000008              # payload bits: 8
        00000000              # extra size: 0
        00000006              # least lane bits: 6
        00                    # index width: 0
        39                    # payload: 00 11 10 01
        f1cb9e01              # checksum
        # end
        45                    # mark: E
        0000000000000004      # count: 4
        66333351              # checksum of symbols
        0009                  # closing size: 9
        0000000000000006      # closing: original of 6 bytes
        01                    # closing: its last line is ended
        ce595c4c              # checksum
    """,
    "labels of bytes": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        03                    # label kind: bytes
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000015              # table size: 21
        570d31459a93b9d6      # table fingerprint
        000e                  # origin size: 14
        00                    # origin: array
        027c4f                # origin: a type of 2 bytes, |O
        00                    # origin: order C
        010000000000000004    # origin: 1 dimension, 4
        217d9680              # checksum
        # table
        03                    # table: bytes
        00000003              # table: 3 labels
        00000000              # table: label of 0 bytes, b''
        0000000100            # table: label of 1 bytes, b'\x00'
        000000026162          # table: label of 2 bytes, b'ab'
        6e                    # table: differences of lengths 1, 1, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000004              # count: 4
        00000006              # payload bits: 6
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        58                    # payload: 0 10 11 0
        9d85987b              # checksum
        # end
        45                    # mark: E
        0000000000000004      # count: 4
        12b0d7a9              # checksum of symbols
        0009                  # closing size: 9
        0000000000000020      # closing: original of 32 bytes
        01                    # closing: its last line is ended
        5214a7ab              # checksum
    """,
    "text": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        00000002              # lane size: 2
        00000003              # block size: 3
        00000017              # table size: 23
        6097e51cda190949      # table fingerprint
        0002                  # origin size: 2
        02                    # origin: text
        00                    # origin: lines end with LF
        776660be              # checksum
        # table
        00                    # table: int
        00000003              # table: 3 labels
        03                    # table: a step of 3 digits
        302e31                # table: step 0.1
        01                    # table: ascending
        007ffffffffffffffd    # table: label -3
        01b3                  # table: gaps 217, 1
        2d00                  # table: differences of lengths 2, 0, -1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000003              # count: 3
        00000004              # payload bits: 4
        00000000              # extra size: 0
        00000003              # least lane bits: 3
        00                    # index width: 0
        60                    # payload: 0 11 0
        74ac2867              # checksum
        # block 1
        42                    # mark: B
        00000001              # sequence number: 1
        00000002              # count: 2
        00000003              # payload bits: 3
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        80                    # payload: 10 0
        91c23a75              # checksum
        # end
        45                    # mark: E
        0000000000000005      # count: 5
        e9d4765a              # checksum of symbols
        0009                  # closing size: 9
        0000000000000018      # closing: original of 24 bytes
        00                    # closing: its last line is not ended
        622bbd0f              # checksum
    """,
    "text, CR LF": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        02                    # label kind: str
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000018              # table size: 24
        0aa3bd6d1db41aed      # table fingerprint
        0002                  # origin size: 2
        02                    # origin: text
        01                    # origin: lines end with CR LF
        e6942c70              # checksum
        # table
        02                    # table: str
        00000003              # table: 3 labels
        00000000              # table: label of 0 bytes, ''
        000000036f6666        # table: label of 3 bytes, 'off'
        000000026f6e          # table: label of 2 bytes, 'on'
        2d00                  # table: differences of lengths 2, 0, -1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000004              # count: 4
        00000006              # payload bits: 6
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        70                    # payload: 0 11 10 0
        a8303081              # checksum
        # end
        45                    # mark: E
        0000000000000004      # count: 4
        64811c8c              # checksum of symbols
        0009                  # closing size: 9
        000000000000000f      # closing: original of 15 bytes
        01                    # closing: its last line is ended
        28cb93ad              # checksum
    """,
    "column": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000016              # table size: 22
        46bdec58644d194a      # table fingerprint
        0001                  # origin size: 1
        04                    # origin: column
        9b1e5c95              # checksum
        # table
        00                    # table: int
        00000002              # table: 2 labels
        03                    # table: a step of 3 digits
        302e31                # table: step 0.1
        01                    # table: ascending
        007ffffffffffffff6    # table: label -10
        0460                  # table: gaps 35
        70                    # table: differences of lengths 1, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000003              # count: 3
        00000003              # payload bits: 3
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        c0                    # payload: 1 1 0
        89072055              # checksum
        # end
        45                    # mark: E
        0000000000000003      # count: 3
        e7988264              # checksum of symbols
        0009                  # closing size: 9
        000000000000000d      # closing: original of 13 bytes
        01                    # closing: its last line is ended
        d008aadf              # checksum
    """,
    "escapes": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        05                    # flags: a table, escape
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000013              # table size: 19
        fb615f644c86e991      # table fingerprint
        000f                  # origin size: 15
        00                    # origin: array
        033c6938              # origin: a type of 3 bytes, <i8
        00                    # origin: order C
        010000000000000005    # origin: 1 dimension, 5
        ca5e6df3              # checksum
        # table
        80                    # table: int, with an escape
        00000002              # table: 2 labels
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        008000000000000064    # table: label 100
        28                    # table: gaps 5
        6e                    # table: differences of lengths 1, 1, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000005              # count: 5
        00000008              # payload bits: 8
        00000010              # extra size: 16
        00000000              # least lane bits: 0
        00                    # index width: 0
        0000000000000007fffffffffffffffd  # extra: raw values
        73                    # payload: 0 11 10 0 11
        1c7ffeb7              # checksum
        # end
        45                    # mark: E
        0000000000000005      # count: 5
        461daf08              # checksum of symbols
        0009                  # closing size: 9
        0000000000000028      # closing: original of 40 bytes
        01                    # closing: its last line is ended
        ca098d9c              # checksum
    """,
    "escapes in text": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        05                    # flags: a table, escape
        00                    # transform: none
        00                    # code: plain
        00                    # parameter: 0
        02                    # label kind: str
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000010              # table size: 16
        2e7674b9eaf9a270      # table fingerprint
        0002                  # origin size: 2
        02                    # origin: text
        00                    # origin: lines end with LF
        3bfd4729              # checksum
        # table
        82                    # table: str, with an escape
        00000002              # table: 2 labels
        0000000161            # table: label of 1 bytes, 'a'
        0000000162            # table: label of 1 bytes, 'b'
        6e                    # table: differences of lengths 1, 1, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000004              # count: 4
        00000006              # payload bits: 6
        00000007              # extra size: 7
        00000000              # least lane bits: 0
        00                    # index width: 0
        000378797a0000        # extra: raw values
        78                    # payload: 0 11 11 0
        2f1325d0              # checksum
        # end
        45                    # mark: E
        0000000000000004      # count: 4
        41e39267              # checksum of symbols
        0009                  # closing size: 9
        0000000000000009      # closing: original of 9 bytes
        01                    # closing: its last line is ended
        cbeb71fb              # checksum
    """,
    "pairs": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        00                    # transform: none
        01                    # code: tuples
        02                    # parameter: 2
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        0000001b              # table size: 27
        522395552ec414e2      # table fingerprint
        0001                  # origin size: 1
        01                    # origin: bytes
        ad63dc0e              # checksum
        # table
        04                    # table: tuple
        00000003              # table: 3 labels
        02                    # table: tuples of 2 readings
        00                    # table: readings: int
        00000002              # table: 2 labels of readings
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        008000000000000061    # table: label 97
        80                    # table: gaps 1
        e0                    # table: differences of numbers of tuples 1, 1, 1
        2a60                  # table: differences of lengths 2, -1, 1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000005              # count: 5
        00000007              # payload bits: 7
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        58                    # payload: 0 10 11 0 0
        e5f09c53              # checksum
        # end
        45                    # mark: E
        0000000000000009      # count: 9
        bf49d16d              # checksum of symbols
        0009                  # closing size: 9
        0000000000000009      # closing: original of 9 bytes
        01                    # closing: its last line is ended
        11595965              # checksum
    """,
    "differences": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        01                    # transform: differences
        00                    # code: plain
        00                    # parameter: 0
        00                    # label kind: int
        00000002              # lane size: 2
        00000004              # block size: 4
        00000014              # table size: 20
        ef9817b38891fbad      # table fingerprint
        000f                  # origin size: 15
        00                    # origin: array
        037c7531              # origin: a type of 3 bytes, |u1
        00                    # origin: order C
        010000000000000006    # origin: 1 dimension, 6
        01e89a21              # checksum
        # table
        00                    # table: int
        00000003              # table: 3 labels
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        007fffffffffffffff    # table: label -1
        c0                    # table: gaps 1, 1
        2d00                  # table: differences of lengths 2, 0, -1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000004              # count: 4
        00000006              # payload bits: 6
        00000000              # extra size: 0
        00000003              # least lane bits: 3
        00                    # index width: 0
        0000000000000005      # base: 5
        c8                    # payload: 11 0 0 10
        97743796              # checksum
        # block 1
        42                    # mark: B
        00000001              # sequence number: 1
        00000002              # count: 2
        00000002              # payload bits: 2
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        0000000000000006      # base: 6
        00                    # payload: 0 0
        da2a2c0f              # checksum
        # end
        45                    # mark: E
        0000000000000006      # count: 6
        233c531d              # checksum of symbols
        0009                  # closing size: 9
        0000000000000006      # closing: original of 6 bytes
        01                    # closing: its last line is ended
        dd8b2800              # checksum
    """,
    "context": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        03                    # flags: a table, incomplete
        00                    # transform: none
        02                    # code: in context
        00                    # parameter: 0
        02                    # label kind: str
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000016              # table size: 22
        26a7f10428232cdc      # table fingerprint
        0001                  # origin size: 1
        03                    # origin: string
        b5818873              # checksum
        # table
        42                    # table: str, in context
        00000002              # table: 2 labels
        0000000161            # table: label of 1 bytes, 'a'
        0000000162            # table: label of 1 bytes, 'b'
        0002                  # table: 2 contexts
        c0                    # table: differences of contexts 1, 1
        54                    # table: codewords in rows 2, 1, 2
        b4                    # table: first symbols, less the context: 0, 1, -1
        c0                    # table: differences of other symbols 1, 1
        7e                    # table: differences of lengths 1, 0, 0, 0, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000006              # count: 6
        00000006              # payload bits: 6
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        24                    # payload: 0 0 1 0 0 1
        6cb014fd              # checksum
        # end
        45                    # mark: E
        0000000000000006      # count: 6
        5a02eea1              # checksum of symbols
        0009                  # closing size: 9
        0000000000000006      # closing: original of 6 bytes
        01                    # closing: its last line is ended
        5c3348d4              # checksum
    """,
    "differences in pairs": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        01                    # flags: a table
        01                    # transform: differences
        01                    # code: tuples
        02                    # parameter: 2
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        0000001b              # table size: 27
        77014a9b12b94212      # table fingerprint
        0002                  # origin size: 2
        02                    # origin: text
        00                    # origin: lines end with LF
        508a6b5f              # checksum
        # table
        04                    # table: tuple
        00000003              # table: 3 labels
        02                    # table: tuples of 2 readings
        00                    # table: readings: int
        00000002              # table: 2 labels of readings
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        008000000000000000    # table: label 0
        14                    # table: gaps 10
        58                    # table: differences of numbers of tuples 2, 1, 1
        2d00                  # table: differences of lengths 2, 0, -1
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000003              # count: 3
        00000004              # payload bits: 4
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        000000000000000a      # base: 10
        80                    # payload: 10 0 0
        f3041aa5              # checksum
        # end
        45                    # mark: E
        0000000000000005      # count: 5
        aaa4778f              # checksum of symbols
        0009                  # closing size: 9
        000000000000000f      # closing: original of 15 bytes
        01                    # closing: its last line is ended
        38cf3037              # checksum
    """,
    "differences in context": """
        # header
        894855460d0a1a0a      # magic
        01                    # version: 1
        03                    # flags: a table, incomplete
        01                    # transform: differences
        02                    # code: in context
        00                    # parameter: 0
        00                    # label kind: int
        000007d0              # lane size: 2,000
        007d0000              # block size: 8,192,000
        00000019              # table size: 25
        5648167f853052b9      # table fingerprint
        000f                  # origin size: 15
        00                    # origin: array
        033c6938              # origin: a type of 3 bytes, <i8
        00                    # origin: order C
        010000000000000007    # origin: 1 dimension, 7
        2a054aba              # checksum
        # table
        40                    # table: int, in context
        00000002              # table: 2 labels
        01                    # table: a step of 1 digit
        31                    # table: step 1
        01                    # table: ascending
        008000000000000000    # table: label 0
        80                    # table: gaps 1
        0002                  # table: 2 contexts
        c0                    # table: differences of contexts 1, 1
        54                    # table: codewords in rows 2, 1, 2
        b4                    # table: first symbols, less the context: 0, 1, -1
        c0                    # table: differences of other symbols 1, 1
        7e                    # table: differences of lengths 1, 0, 0, 0, 0
        # block 0
        42                    # mark: B
        00000000              # sequence number: 0
        00000007              # count: 7
        00000007              # payload bits: 7
        00000000              # extra size: 0
        00000000              # least lane bits: 0
        00                    # index width: 0
        0000000000000007      # base: 7
        24                    # payload: 0 0 1 0 0 1 0
        341b2423              # checksum
        # end
        45                    # mark: E
        0000000000000007      # count: 7
        27621a49              # checksum of symbols
        0009                  # closing size: 9
        0000000000000038      # closing: original of 56 bytes
        01                    # closing: its last line is ended
        51afa3a2              # checksum
    """,
}
