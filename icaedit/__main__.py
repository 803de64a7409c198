"""``python -m icaedit``: the same as the command ``icaedit``."""

import sys

from icaedit.cli.main import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
