"""python -m codec."""

import sys

try:
    from codec.cli import main

    sys.exit(main())
except KeyboardInterrupt:  # before `main` heeds signals
    sys.exit(130)
