"""Makes the extensions of the documentation importable."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

for folder in (ROOT / "docs" / "extensions", ROOT / "tools"):
    sys.path.insert(0, str(folder))
