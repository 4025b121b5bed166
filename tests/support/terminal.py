"""A pseudo-terminal for what runs in this process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import termios
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def terminal(width: int) -> Iterator[list[bytes]]:
    """Make standard input, output and error a pseudo-terminal of this width; give the pieces of what it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    saved, pieces = [os.dup(number) for number in range(3)], list[bytes]()

    def read() -> None:
        with contextlib.suppress(OSError):  # what Linux raises once the other side is closed
            while piece := os.read(ours, 1 << 16):
                pieces.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(3):
            os.dup2(theirs, number)
        with (
            open(1, "w", closefd=False) as out,
            open(2, "w", closefd=False) as err,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            yield pieces
    finally:
        for number, before in enumerate(saved):
            os.dup2(before, number)
            os.close(before)
        os.close(theirs)
        reader.join()
        os.close(ours)
