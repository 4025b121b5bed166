"""Files of version 1 as they stood when it was frozen, byte by byte, and what they hold. They never change.

"array" is written out: each line is a field or a piece of one, its bytes in hexadecimal, and after # its name and what
it says. The others have a line or two for the header, then one for the table, each block and the end, with a space
between fields; after the # of a block stand the codewords of its payload.
"""

from __future__ import annotations

import numpy as np
from context_codes import SHARED, in_rows
from corpus import Good

from codec.codes.prefix import PrefixCode

HOLDS: dict[str, Good] = {
    "array": Good("an array, its code learned", np.array([[100, 105, 105], [110, 105, 100]], np.int16)),
    "given code": Good("no table, but the code that it was written with", np.array([3, 5, 3, 3, 9], np.uint8),
        PrefixCode.from_lengths([3, 5, 9], [1, 2, 2]), False),
    "incomplete code": Good("a code with unused prefixes, a label without a codeword, labels that do not ascend",
        np.array([5, -1, 5, 5]), PrefixCode.from_lengths([5, -1, 3], [1, 3, 0])),
    "nothing": Good("an array of no readings", np.zeros((0, 2), np.float32)),
    "floats": Good("two zeros and a NaN, in order of columns",
        np.asfortranarray([[0.5, -0.0], [np.nan, 0.5], [0.5, 0.0]])),
    "bytes": Good("lanes of three symbols", b"abracadabra", options={"lane_size": 3}),
    "string": Good("characters", "Füße", options={"lane_size": 3}),
    "labels of bytes": Good("bytes among objects", np.array([b"", b"\0", b"ab", b""], object)),
    "text": Good("numbers with one decimal, in blocks; the last line is not ended", b"21.5\n21.4\n21.5\n-0.3\n21.5",
        options={"lane_size": 2, "block_size": 3}, opens={}),
    "text, CR LF": Good("words, and an empty line", b"on\r\noff\r\n\r\non\r\n", opens={}),
    "column": Good("a column of a CSV file", b"x\n2.5\n2.5\n-1.0\n", opens={"column": "x"}),
    "escapes": Good("readings without a codeword", np.array([100, 7, 105, 100, -3]),
        PrefixCode.from_lengths([100, 105], [1, 2], escape_length=2)),
    "escapes in text": Good("lines without a codeword", b"a\nxyz\n\na\n",
        PrefixCode.from_lengths(["a", "b"], [1, 2], escape_length=2), opens={}),
    "pairs": Good("two readings to a codeword, the last pair filled up", b"abaabaaba", options={"per_codeword": 2}),
    "differences": Good("differences of neighbours, in two blocks", np.array([5, 6, 7, 6, 7, 8], np.uint8),
        options={"delta": True, "lane_size": 2, "block_size": 4}),
    "context": Good("a code behind each reading", "abbabb",
        in_rows("ab", {SHARED: {0: 1, 1: 1}, 0: {1: 1}, 1: {0: 1, 1: 1}})),
    "differences in pairs": Good("differences of lines, two to a codeword", b"10\n20\n30\n40\n50\n",
        options={"delta": True, "per_codeword": 2}, opens={}),
    "differences in context": Good("differences, a code behind each", np.array([7, 8, 9, 9, 10, 11, 11]),
        in_rows([0, 1], {SHARED: {0: 1, 1: 1}, 0: {1: 1}, 1: {0: 1, 1: 1}}), options={"delta": True}),
}  # fmt: skip

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
        894855460d0a1a0a 01 00 00 00 00 00 000007d0 007d0000 00000000 0a53335a6ff1c5fd 000f
        00037c753100010000000000000005 04c989ad
        42 00000000 00000005 00000007 00000000 00000000 00 46 1fffa130  # 0 10 0 0 11
        45 0000000000000005 9090f154 0009 000000000000000501 f653a4fd
    """,
    "incomplete code": """
        894855460d0a1a0a 01 03 00 00 00 00 000007d0 007d0000 00000025 d44cdf9524fd8c36 000f
        00033c693800010000000000000004 05e36be2
        0000000003013100008000000000000005007fffffffffffffff0080000000000000036530
        42 00000000 00000004 00000006 00000000 00000000 00 40 8ee9002d  # 0 100 0 0
        45 0000000000000004 2086b52b 0009 000000000000002001 87722683
    """,
    "nothing": """
        894855460d0a1a0a 01 03 00 00 00 01 000007d0 007d0000 00000005 957b88b12730e646 0017
        00033c6634000200000000000000000000000000000002 c9bad924
        0100000000
        45 0000000000000000 00000000 0009 000000000000000001 e62cd0b1
    """,
    "floats": """
        894855460d0a1a0a 01 01 00 00 00 01 000007d0 007d0000 00000027 357b66604132e510 0017
        00033c6638010200000000000000030000000000000002 cc418490
        0100000004800000000000000000000000000000003fe00000000000007ff80000000000003c8c
        42 00000000 00000006 0000000b 00000000 00000000 00 4ce0 82e3d301  # 0 10 0 110 0 111
        45 0000000000000006 5492e0e7 0009 000000000000003001 f8250cfa
    """,
    "bytes": """
        894855460d0a1a0a 01 01 00 00 00 00 00000003 007d0000 00000015 c3560f32c2ba7e3e 0001 01 8cecc702
        0000000005013101008000000000000061e38065e0
        42 00000000 0000000b 00000017 00000000 00000005 02 88 4eac9c 033ba7fb  # 0 100 111 0 101 0 110 0 100 111 0
        45 000000000000000b 6c384f14 0009 000000000000000b01 55a4065f
    """,
    "string": """
        894855460d0a1a0a 01 01 00 00 00 02 00000003 007d0000 0000001c 8c84cab5de10d7f1 0001 03 d86aefac
        02000000040000000146000000016500000002c39f00000002c3bc2f
        42 00000000 00000004 00000008 00000000 00000006 00 39 f1cb9e01  # 00 11 10 01
        45 0000000000000004 66333351 0009 000000000000000601 ce595c4c
    """,
    "labels of bytes": """
        894855460d0a1a0a 01 01 00 00 00 03 000007d0 007d0000 00000015 570d31459a93b9d6 000e
        00027c4f00010000000000000004 217d9680
        03000000030000000000000001000000000261626e
        42 00000000 00000004 00000006 00000000 00000000 00 58 9d85987b  # 0 10 11 0
        45 0000000000000004 12b0d7a9 0009 000000000000002001 5214a7ab
    """,
    "text": """
        894855460d0a1a0a 01 01 00 00 00 00 00000002 00000003 00000017 6097e51cda190949 0002 0200 776660be
        000000000303302e3101007ffffffffffffffd01b32d00
        42 00000000 00000003 00000004 00000000 00000003 00 60 74ac2867  # 0 11 0
        42 00000001 00000002 00000003 00000000 00000000 00 80 91c23a75  # 10 0
        45 0000000000000005 e9d4765a 0009 000000000000001800 622bbd0f
    """,
    "text, CR LF": """
        894855460d0a1a0a 01 01 00 00 00 02 000007d0 007d0000 00000018 0aa3bd6d1db41aed 0002 0201 e6942c70
        020000000300000000000000036f6666000000026f6e2d00
        42 00000000 00000004 00000006 00000000 00000000 00 70 a8303081  # 0 11 10 0
        45 0000000000000004 64811c8c 0009 000000000000000f01 28cb93ad
    """,
    "column": """
        894855460d0a1a0a 01 01 00 00 00 00 000007d0 007d0000 00000016 46bdec58644d194a 0001 04 9b1e5c95
        000000000203302e3101007ffffffffffffff6046070
        42 00000000 00000003 00000003 00000000 00000000 00 c0 89072055  # 1 1 0
        45 0000000000000003 e7988264 0009 000000000000000d01 d008aadf
    """,
    "escapes": """
        894855460d0a1a0a 01 05 00 00 00 00 000007d0 007d0000 00000013 fb615f644c86e991 000f
        00033c693800010000000000000005 ca5e6df3
        8000000002013101008000000000000064286e
        42 00000000 00000005 00000008 00000010 00000000 00 0000000000000007fffffffffffffffd 73 1c7ffeb7  # 0 11 10 0 11
        45 0000000000000005 461daf08 0009 000000000000002801 ca098d9c
    """,
    "escapes in text": """
        894855460d0a1a0a 01 05 00 00 00 02 000007d0 007d0000 00000010 2e7674b9eaf9a270 0002 0200 3bfd4729
        8200000002000000016100000001626e
        42 00000000 00000004 00000006 00000007 00000000 00 000378797a0000 78 2f1325d0  # 0 11 11 0
        45 0000000000000004 41e39267 0009 000000000000000901 cbeb71fb
    """,
    "pairs": """
        894855460d0a1a0a 01 01 00 01 02 00 000007d0 007d0000 0000001b 522395552ec414e2 0001 01 ad63dc0e
        040000000302000000000201310100800000000000006180e02a60
        42 00000000 00000005 00000007 00000000 00000000 00 58 e5f09c53  # 0 10 11 0 0
        45 0000000000000009 bf49d16d 0009 000000000000000901 11595965
    """,
    "differences": """
        894855460d0a1a0a 01 01 01 00 00 00 00000002 00000004 00000014 ef9817b38891fbad 000f
        00037c753100010000000000000006 01e89a21
        0000000003013101007fffffffffffffffc02d00
        42 00000000 00000004 00000006 00000000 00000003 00 0000000000000005 c8 97743796  # 11 0 0 10
        42 00000001 00000002 00000002 00000000 00000000 00 0000000000000006 00 da2a2c0f  # 0 0
        45 0000000000000006 233c531d 0009 000000000000000601 dd8b2800
    """,
    "context": """
        894855460d0a1a0a 01 03 00 02 00 02 000007d0 007d0000 00000016 26a7f10428232cdc 0001 03 b5818873
        4200000002000000016100000001620002c054b4c07e
        42 00000000 00000006 00000006 00000000 00000000 00 24 6cb014fd  # 0 0 1 0 0 1
        45 0000000000000006 5a02eea1 0009 000000000000000601 5c3348d4
    """,
    "differences in pairs": """
        894855460d0a1a0a 01 01 01 01 02 00 000007d0 007d0000 0000001b 77014a9b12b94212 0002 0200 508a6b5f
        040000000302000000000201310100800000000000000014582d00
        42 00000000 00000003 00000004 00000000 00000000 00 000000000000000a 80 f3041aa5  # 10 0 0
        45 0000000000000005 aaa4778f 0009 000000000000000f01 38cf3037
    """,
    "differences in context": """
        894855460d0a1a0a 01 03 01 02 00 00 000007d0 007d0000 00000019 5648167f853052b9 000f
        00033c693800010000000000000007 2a054aba
        4000000002013101008000000000000000800002c054b4c07e
        42 00000000 00000007 00000007 00000000 00000000 00 0000000000000007 24 341b2423  # 0 0 1 0 0 1 0
        45 0000000000000007 27621a49 0009 000000000000003801 51afa3a2
    """,
}


def file_of(name: str) -> bytes:
    """A file by its name."""
    return bytes.fromhex("".join(line.partition("#")[0] for line in FILES[name].splitlines()))
