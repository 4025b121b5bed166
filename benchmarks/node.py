"""What a code costs on a node: flash, stack and cycles, beside the bytes that it saves.

    python benchmarks/node.py             bytes a packet, flash and stack, cycles
    python benchmarks/node.py --damage    what share of damaged packets passes

The table is learned from the first year of samples/station.csv, and packs the second, 24 readings a packet. Flash is
what a program grows by, compiled with -Os by gcc-arm-none-eabi (Cortex-M0+) and gcc-avr (ATmega328P), constants
included; stack is the sum over its functions. Cycles are counted by the timer of an ATmega328P in simavr, and for a
Cortex-M0+ from the instructions that Unicorn (pip install unicorn) runs: one each, one more for each word that is read
or written and for each jump that is taken, one more if it is a call; memory without wait states. What is not installed
is said to be. Nothing here needs static RAM.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from codec.codes.intervals import interval_code
from codec.codes.prefix import huffman
from codec.codes.universal import universal
from codec.errors import DamagedError
from codec.nodes.check import CHECKS
from codec.nodes.export_c import export_c
from codec.nodes.layout import NodeTable, PacketLayout
from codec.nodes.packet import packed, unpack, words_of
from codec.theory.distribution import Distribution
from codec.theory.information import relative_entropy
from codec.theory.sources import station

try:
    unicorn: Any = importlib.import_module("unicorn")
    importlib.import_module("unicorn.arm_const")
except ImportError:
    unicorn = None
ROOT = Path(__file__).resolve().parent.parent
SIZE, YEAR = 24, 8760
FIXED = {"int8": 8, "int16": 16}  # bits of a difference; of a reading, which is one more of them
LAYOUT = PacketLayout("differences", 16)

SOURCE = (ROOT / "benchmarks" / "node.c").read_text()
ENCODE = "size = NAME_encode(readings, 24, packet, sizeof packet);"
DECODE = "size = NAME_decode(packet, (size_t)size, readings, 24);"
ARM_MEMORY, ARM_END = 1 << 20, 0x7000
MACHINES = {
    "Cortex-M0+": ("arm-none-eabi-", ["-mcpu=cortex-m0plus", "-mthumb", "-nostartfiles", "-nostdlib", "-Wl,-e,main"]),
    "ATmega328P": ("avr-", ["-mmcu=atmega328p"]),
}


@dataclass(frozen=True)
class Way:
    """A way of coding on the node: its functions begin with `name`, and `header` is t.h."""

    title: str
    name: str
    header: str


def readings_of(path: Path) -> np.ndarray:
    """The temperatures of the sample in tenths."""
    return np.array([round(10 * float(row.split(",")[1])) for row in path.read_text().splitlines()[1:]], np.int16)


def compiled(compiler: str, options: list[str], program: str, way: Way, folder: Path, **filled: str) -> Path:
    """A program of node.c for a way, with this filled in."""
    (folder / "t.h").write_text(way.header)
    source = SOURCE
    for mark, text in {**filled, "NAME": way.name}.items():
        source = source.replace(mark, text)
    (folder / "main.c").write_text(f'#define {program}\n#include "t.h"\n{source}')
    command = [compiler, "-std=gnu99", "-Os", "-fstack-usage", "-Wl,--gc-sections", *options, "-o", "main", "main.c"]
    subprocess.run([*command, "-lgcc"], cwd=folder, check=True)
    return folder / "main"


def flash(machine: str, way: Way, calls: str, folder: Path) -> tuple[int, int]:
    """Bytes of flash of a program with these calls, and the stack of all its functions."""
    prefix, options = MACHINES[machine]
    program = compiled(f"{prefix}gcc", options, "FLASH", way, folder, CALLS=calls)
    said = subprocess.run([f"{prefix}size", program], capture_output=True, text=True, check=True).stdout
    text, data = map(int, said.splitlines()[1].split()[:2])
    (usage,) = folder.glob("*.su")
    stack = sum(int(line.split("\t")[1]) for line in usage.read_text().splitlines())
    return text + data, stack


def cycles(way: Way, readings: np.ndarray, folder: Path) -> tuple[int, int]:
    """Cycles of encode and decode of a packet on an ATmega328P."""
    given = ", ".join(map(str, readings))
    program = compiled("avr-gcc", MACHINES["ATmega328P"][1], "CYCLES_AVR", way, folder, READINGS=given)
    done = subprocess.run(
        ["simavr", "-m", "atmega328p", "-f", "16000000", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    found = [int(number) for number in re.findall(r"^([0-9]+)\.?$", said, re.MULTILINE)]
    if len(found) != 2:
        raise RuntimeError(f"simavr says {done.stdout!r} {done.stderr!r}")
    return found[0], found[1]


def cycles_of_arm(way: Way, readings: np.ndarray, folder: Path) -> tuple[int, int]:
    """Cycles of encode and decode of a packet on a Cortex-M0+, by table 3-1 of its Technical Reference Manual."""
    prefix, options = MACHINES["Cortex-M0+"]
    given = ", ".join(map(str, readings))
    program = compiled(f"{prefix}gcc", options, "CYCLES_ARM", way, folder, READINGS=given)
    subprocess.run([f"{prefix}objcopy", "-O", "binary", program, folder / "image"], check=True)
    said = subprocess.run([f"{prefix}nm", program], capture_output=True, text=True, check=True).stdout
    places = {name: int(place, 16) for place, _, name in map(str.split, said.splitlines())}
    core = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    core.ctl_set_cpu_model(unicorn.arm_const.UC_CPU_ARM_CORTEX_M0)
    core.mem_map(0, ARM_MEMORY)
    core.mem_write(min(places.values()), (folder / "image").read_bytes())
    core.reg_write(unicorn.arm_const.UC_ARM_REG_SP, places["_stack"])
    core.reg_write(unicorn.arm_const.UC_ARM_REG_LR, ARM_END | 1)
    total, following, loaded, marks = 0, 0, False, list[int]()

    def step(_: Any, place: int, size: int, __: Any) -> None:
        nonlocal total, following, loaded
        if place != following:  # a jump; of a call, 4 bytes; of a return by pop
            total += 1 + loaded
        total += size // 2
        following, loaded = place + size, False
        if place == places["mark"]:
            marks.append(total)

    def word(_: Any, kind: int, *__: Any) -> None:
        nonlocal total, loaded
        total, loaded = total + 1, kind == unicorn.UC_MEM_READ

    core.hook_add(unicorn.UC_HOOK_CODE, step)
    core.hook_add(unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE, word)
    core.emu_start(places["main"] | 1, ARM_END)
    if core.reg_read(unicorn.arm_const.UC_ARM_REG_R0) != len(readings):
        raise RuntimeError(f"{way.title}: the readings do not come back on a Cortex-M0+")
    return marks[1] - marks[0], marks[2] - marks[1]


def on_host(way: Way, packets: np.ndarray, folder: Path) -> list[bytes]:
    """What C makes of these packets here, each decoded again."""
    program = compiled("gcc", [], "HOST", way, folder)
    text = "\n".join(" ".join(map(str, row)) for row in packets.tolist())
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    return [bytes.fromhex(line) for line in done.stdout.split()]


def table_of(readings: np.ndarray) -> tuple[Distribution, NodeTable]:
    """A table of differences with an escape, and what it was learned from."""
    q = Distribution.from_stream(np.diff(readings.astype(np.int64)))
    return q, NodeTable(huffman(q, None, 1), LAYOUT)


def costs() -> None:
    """Print bytes a packet, and what they cost on the node."""
    readings = readings_of(ROOT / "samples" / "station.csv")
    first, second = readings[:YEAR], readings[YEAR : 2 * YEAR]
    elsewhere = np.round(np.asarray(station(YEAR, 2)[0], float) * 10).astype(np.int16)
    (q, own), (other, foreign), lec = table_of(first), table_of(elsewhere), NodeTable(universal("lec"), LAYOUT)
    levels = Distribution.from_stream(first.astype(np.int64))
    plain, few = NodeTable(huffman(levels, None, 1)), NodeTable(interval_code(levels, escape_weight=Fraction(1)))
    header = export_c(own, "t").text  # of the rivals too, for its writer and reader
    ways = [
        (Way("own table", "t", header), q, own),
        (Way("own table, lengths alone", "t", export_c(own, "t", True).text), q, own),
        (Way("another station's table", "t", export_c(foreign, "t").text), other, foreign),
        (Way("readings themselves", "t", export_c(plain, "t").text), None, plain),
        (Way("the same in intervals", "t", export_c(few, "t", True).text), None, few),
        (Way("lec", "lec", header), lec.code.implied(), lec),
        (Way("int8 differences", "int8", header), None, None),
        (Way("int16", "int16", header), None, None),
    ]
    saving(second.reshape(-1, SIZE), ways)
    on_nodes(second[:SIZE], [way for way, _, _ in ways])


def saving(packets: np.ndarray, ways: list[tuple[Way, Distribution | None, NodeTable | None]]) -> None:
    """Bytes a packet, and where a table was made from another distribution, the price and its prediction."""
    p = Distribution.from_stream(np.diff(packets.astype(np.int64), axis=1).ravel())
    best = huffman(p).expected_length(p)
    print(f"{len(packets)} packets of {SIZE} readings; their differences: H {p.entropy():.4f}, Huffman {best:.4f} bits")
    print("extra: above that Huffman code, raw readings included; KL predicts: D(p||q) over what the table knows\n")
    print(f"{'':24}  bytes a packet  bits a difference    extra  KL predicts  escapes")
    for way, q, table in ways:
        sent = None if table is None else packed(packets.ravel(), table, SIZE)
        with tempfile.TemporaryDirectory() as name:
            here = on_host(way, packets, Path(name)) if shutil.which("gcc") else sent
        if sent is not None and here != sent:
            raise SystemExit(f"{way.title}: C and Python differ")
        line = f"{way.title:24}  {sum(map(len, here or [])) / len(packets):14.2f}"
        if q is not None and table is not None:
            words = words_of(packets.ravel(), table, SIZE)
            mean = float(words.lengths[~words.first].mean())
            known = p.aligned(q)[1] > 0
            price = relative_entropy(Distribution(p.labels.take(np.flatnonzero(known)), p.weights[known]), q)
            line += f"  {mean:17.4f}  {mean - best:7.4f}  {price:11.4f}  {int(words.escaped.sum()):7}"
        elif way.name in FIXED:  # all its codewords are as likely, so D(p||q) is their bits less H
            bits = FIXED[way.name]
            line += f"  {bits:17.4f}  {bits - best:7.4f}  {bits - p.entropy():11.4f}  {0:7}"
        print(line)


def on_nodes(readings: np.ndarray, ways: list[Way]) -> None:
    """Flash and stack on each machine that there is a compiler for, and cycles on one."""
    titles = [f"{machine} {what}" for machine in MACHINES for what in ("encode", "and decode")]
    print(f"\n{'flash + stack, bytes':24}" + "".join(f"  {title:>21}" for title in titles))
    for way in ways:
        cells = []
        for machine, (prefix, _) in MACHINES.items():
            if shutil.which(f"{prefix}gcc") is None:
                cells += ["not installed", ""]
                continue
            with tempfile.TemporaryDirectory() as name:
                (none, idle), *grown = (
                    flash(machine, way, calls, Path(name)) for calls in ("", ENCODE, ENCODE + DECODE)
                )
            cells += [f"{size - none} + {stack - idle}" for size, stack in grown]
        print(f"{way.title:24}" + "".join(f"  {cell:>21}" for cell in cells))
    counting = {"Cortex-M0+": cycles_of_arm, "ATmega328P": cycles}
    wanted = {"Cortex-M0+": unicorn, "ATmega328P": shutil.which("simavr")}
    titles = [f"{machine} {what}" for machine in MACHINES for what in ("encode", "decode")]
    print(f"\n{'cycles a reading':24}" + "".join(f"  {title:>21}" for title in titles))
    for way in ways:
        cells = []
        for machine, (prefix, _) in MACHINES.items():
            if not wanted[machine] or shutil.which(f"{prefix}gcc") is None:
                cells += ["not installed", ""]
                continue
            with tempfile.TemporaryDirectory() as name:
                cells += [f"{each / SIZE:.0f}" for each in counting[machine](way, readings, Path(name))]
        print(f"{way.title:24}" + "".join(f"  {cell:>21}" for cell in cells))


def damage(trials: int) -> None:
    """Print what share of damaged packets passes as a packet, with wrong readings."""
    readings = readings_of(ROOT / "samples" / "station.csv")
    _, table = table_of(readings[:YEAR])
    chance = random.Random(1)
    print(f"share of {trials:,} damaged packets that passes, readings wrong")
    print(f"{'check':16}  {'a bit flipped':>14}  {'eight flipped':>14}  {'cut short':>10}  {'bytes swapped':>14}")
    for check in (None, *CHECKS):
        shared = NodeTable(table.code, PacketLayout("differences", 16, 0, check))
        packets = packed(readings[YEAR : 2 * YEAR], shared, SIZE)
        print(f"{check or 'none':16}" + "".join(
            f"  {share:>{width}.4%}"
            for share, width in zip(_shares(packets, shared, trials, chance), (14, 14, 10, 14), strict=True)
        ))  # fmt: skip


def _shares(packets: list[bytes], table: NodeTable, trials: int, chance: random.Random) -> list[float]:
    passed = [0, 0, 0, 0]
    for _ in range(trials):
        data = chance.choice(packets)
        for kind in range(4):
            wrong = bytearray(data)
            if kind < 2:
                for place in chance.sample(range(8 * len(data)), (1, 8)[kind]):
                    wrong[place >> 3] ^= 128 >> (place & 7)
            elif kind == 2:
                del wrong[chance.randrange(len(data)) :]
            else:
                a, b = chance.sample(range(len(data)), 2)
                wrong[a], wrong[b] = wrong[b], wrong[a]
            if wrong == data:
                continue
            try:
                unpack(bytes(wrong), table, SIZE)
                passed[kind] += 1
            except DamagedError:
                pass
    return [one / trials for one in passed]


def main() -> int:
    """Print one of the two."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--damage", action="store_true")
    parser.add_argument("--trials", type=int, default=20_000)
    options = parser.parse_args()
    damage(options.trials) if options.damage else costs()
    return 0


if __name__ == "__main__":
    sys.exit(main())
