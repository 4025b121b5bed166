"""How Hypothesis runs: no example is too slow on a busy machine; in continuous integration the same ones each time."""

import os

from hypothesis import settings

settings.register_profile("codec", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("codec")
