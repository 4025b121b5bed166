"""What runs by default and what under `-m slow`: a tenth of Hypothesis' examples and of the cases of a dear test.

No example is too slow on a busy machine; in continuous integration they are the same ones each time.
"""

import os
import random
from collections import defaultdict
from importlib.util import find_spec

import pytest
from hypothesis import settings

for name, examples in (("quick", 10), ("whole", 100)):
    settings.register_profile(name, max_examples=examples, deadline=None, derandomize=bool(os.environ.get("CI")))


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("whole" if config.option.markexpr == "slow" else "quick")


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.config.option.markexpr == "slow" and getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)  # before `-m` leaves out what is slow
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    cases = defaultdict(list)
    for item in items:
        if item.nodeid.startswith("codec/arrays/") and find_spec("dask") is None:
            item.add_marker(pytest.mark.skip(reason="the extra 'zarr' is not installed"))
        if item.get_closest_marker("dear") and not item.get_closest_marker("slow"):
            cases[item.nodeid.split("[")[0]].append(item)
    for name, of_one_test in cases.items():
        quick = random.Random(name).sample(range(len(of_one_test)), -(-len(of_one_test) // 10))
        for place, item in enumerate(of_one_test):
            if place not in quick:
                item.add_marker("slow")
