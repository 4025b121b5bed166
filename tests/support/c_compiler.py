"""Headers of `codec export`, compiled into a program that packs and unpacks what it is told on standard input."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

COMPILER = shutil.which("gcc") or shutil.which("cc")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-g")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")

_HEAD = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static uint32_t number(void)
{
    uint8_t bytes[4];
    if (fread(bytes, 1, 4, stdin) != 4)
        exit(9);
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}
static void say(uint32_t value)
{
    int i;
    for (i = 0; i < 4; i++)
        putchar((int)(value >> 8 * i & 255));
}
"""
# What is read is held in memory of its exact size, so that a sanitizer sees every byte beyond it.
_EACH = """
static void {name}_serve(int what, uint32_t count)
{{
    uint32_t i, size;
    int32_t got;
    if (what == 'T') {{
        say((uint32_t){name}_selftest());
    }} else if (what == 'E') {{
        {name}_reading *readings = calloc(count + !count, sizeof *readings);
        size_t room = number();
        uint8_t *packet = malloc(room + !room);
        for (i = 0; i < count; i++)
            readings[i] = ({name}_reading)(int32_t)number();
        got = {name}_encode(readings, count, packet, room);
        if (got > (int32_t){NAME}_LARGEST(count))
            exit(8);
        say((uint32_t)got);
        if (got > 0)
            fwrite(packet, 1, (size_t)got, stdout);
        free(readings);
        free(packet);
    }} else {{
        {name}_reading *readings = calloc(count + !count, sizeof *readings);
        uint8_t *packet;
        size = number();
        packet = malloc(size + !size);
        if (fread(packet, 1, size, stdin) != size)
            exit(9);
        got = {name}_decode(packet, size, readings, count);
        say((uint32_t)got);
        for (i = 0; got > 0 && i < (uint32_t)got; i++)
            say((uint32_t)(int32_t)readings[i]);
        free(readings);
        free(packet);
    }}
}}
"""


def build(headers: Mapping[str, str], folder: Path, options: Sequence[str] = (*STRICT, *SANITIZERS)) -> Path:
    """The program that serves these headers, by their names, in their order."""
    text = "".join(f'#include "{name}.h"\n' for name in headers) + _HEAD
    text += "".join(_EACH.format(name=name, NAME=name.upper()) for name in headers)
    cases = "".join(
        f"        case {number}: {name}_serve(what, number()); break;\n" for number, name in enumerate(headers)
    )
    text += "int main(void)\n{\n    int what;\n    while ((what = getchar()) != EOF)\n        switch (getchar()) {\n"
    (folder / "serve.c").write_text(text + cases + "        }\n    return 0;\n}\n")
    for name, header in headers.items():
        (folder / f"{name}.h").write_text(header)
    done = subprocess.run(
        [COMPILER or "cc", *options, "-o", "serve", "serve.c"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return folder / "serve"


def ask_encode(table: int, readings: Sequence[int], room: int) -> bytes:
    return struct.pack("<cBII", b"E", table, len(readings), room) + struct.pack(f"<{len(readings)}i", *readings)


def ask_decode(table: int, packet: bytes, count: int) -> bytes:
    return struct.pack("<cBII", b"D", table, count, len(packet)) + packet


def ask_selftest(table: int) -> bytes:
    return struct.pack("<cBI", b"T", table, 0)


def answers(program: Path, asked: Iterable[bytes]) -> list[int | bytes | list[int]]:
    """What the program says to each: a number below 0 or of a self-test, a packet, or readings."""
    asked = list(asked)
    done = subprocess.run([program], input=b"".join(asked), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    data, at, found = done.stdout, 0, list[int | bytes | list[int]]()
    for each in asked:
        (got,) = struct.unpack_from("<i", data, at)
        at += 4
        if each[:1] == b"T" or got < 0:
            found.append(got)
        elif each[:1] == b"E":
            found.append(data[at : at + got])
            at += got
        else:
            found.append(list(struct.unpack_from(f"<{got}i", data, at)))
            at += 4 * got
    assert at == len(data)
    return found
