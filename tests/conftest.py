"""How Hypothesis runs: a fifth of the examples by default, all of them under `-m slow`.

No example is too slow on a busy machine; in continuous integration they are the same ones each time.
"""

import os

import pytest
from hypothesis import settings

for name, examples in (("quick", 20), ("whole", 100)):
    settings.register_profile(name, max_examples=examples, deadline=None, derandomize=bool(os.environ.get("CI")))


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("whole" if config.option.markexpr == "slow" else "quick")


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.config.option.markexpr == "slow" and getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        item.add_marker("slow")
