"""Write tests/golden/public_names.json anew: the names that each room offers."""

import importlib
import json
from pathlib import Path

import icaedit

__all__ = ["main"]

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Replace the snapshot."""
    names = {"icaedit": sorted(icaedit.__all__)}
    for path in sorted((ROOT / "icaedit").glob("*/__init__.py")):
        room = f"icaedit.{path.parent.name}"
        names[room] = sorted(importlib.import_module(room).__all__)
    snapshot = ROOT / "tests" / "golden" / "public_names.json"
    snapshot.write_text(json.dumps(names, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
