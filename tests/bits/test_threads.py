"""Items over threads: in order, one thread being the caller's, whatever fails or is given up."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from codec.bits.threads import in_threads


def test_one_block_alone_is_coded_without_another_thread() -> None:
    assert list(in_threads(lambda _: threading.get_ident(), [1], 2)) == [threading.get_ident()]
    assert list(in_threads(abs, iter([-1, 2, -3]), 2)) == [1, 2, 3]
    assert list(in_threads(abs, [], 2)) == []


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_results_come_in_order_however_long_each_takes(threads: int) -> None:
    def slow(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number

    assert list(in_threads(slow, range(40), threads)) == list(range(40))


def test_the_caller_works_too_and_no_more_threads_than_asked_for() -> None:
    def who(_: int) -> int:
        time.sleep(0.002)
        return threading.get_ident()

    seen = {*in_threads(who, range(40), 2)}
    assert threading.get_ident() in seen and len(seen) == 2
    assert len({*in_threads(who, range(40), 3)}) <= 3


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_of_several_errors_the_first_in_order_is_raised(threads: int) -> None:
    def failing(number: int) -> int:
        if number == 3:
            time.sleep(0.05)  # later ones fail before
        if number >= 3:
            raise ValueError(f"number {number}")
        return number

    found = []
    with pytest.raises(ValueError, match="number 3"):
        for number in in_threads(failing, range(40), threads):
            found.append(number)
    assert found == [0, 1, 2]


def test_what_is_given_up_is_not_begun_any_more() -> None:
    begun = []

    def noted(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        return number

    results = in_threads(noted, range(100), 2)
    assert next(results) == 0
    results.close()
    count = len(begun)
    assert count < 10
    time.sleep(0.05)
    assert len(begun) == count


def test_items_may_themselves_be_spread_over_threads() -> None:
    def inner(number: int) -> int:
        return sum(in_threads(abs, range(number), 2))

    assert list(in_threads(inner, range(30), 2)) == [number * (number - 1) // 2 for number in range(30)]


def test_two_walks_at_once_take_turns() -> None:
    def pieces() -> Iterator[int]:
        yield from in_threads(abs, range(50), 2)

    assert list(in_threads(lambda number: number + 1, pieces(), 2)) == list(range(1, 51))


def test_the_caller_may_be_any_of_several_threads() -> None:
    found: dict[int, list[int]] = {}

    def call(number: int) -> None:
        found[number] = list(in_threads(lambda item: item * number, range(50), 2))

    callers = [threading.Thread(target=call, args=(number,)) for number in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert found == {number: [item * number for item in range(50)] for number in range(6)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_starts_threads_of_its_own() -> None:
    assert list(in_threads(abs, range(20), 2)) == list(range(20))
    child = os.fork()
    if not child:
        os._exit(0 if list(in_threads(abs, range(20), 2)) == list(range(20)) else 1)
    deadline = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    if ended == (0, 0):
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert ended[1] == 0
