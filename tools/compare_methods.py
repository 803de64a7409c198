"""Make the table and the figure of docs/comparison.md anew, with the embedded model.

    python tools/compare_methods.py [--people 40] [--change 0.5] [--latents FILE]

It runs what `icaedit evaluate` runs, and puts the result between the marks in the page; the words
around it stay. The people edited are those that `icaedit evaluate --people 40 --seed 0` renders.
"""

import argparse
from pathlib import Path

from icaedit.cli.comparing import compare_directions, comparison_figure
from icaedit.evaluation import (
    CONTESTANTS,
    OWN_FACE,
    Comparison,
    comparison_csv,
    comparison_markdown,
    comparison_sentences,
)
from icaedit.files import atomic_write
from icaedit.models import load_model
from icaedit.plots import save_figure

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- made by tools/compare_methods.py -->", "<!-- end of what was made -->"


def made_part(comparison: Comparison, fingerprint: str) -> str:
    """Return what stands between the marks."""
    table, _, _ = comparison_markdown(comparison).partition("\n\n")
    posed = ", ".join(f"{name} {value:.1f}" for name, value in comparison.posed_change.items())
    return "\n".join(
        [
            BEGIN,
            "",
            f"Model `{fingerprint[:12]}`; {comparison.origin}. Numbers are means over the faces "
            "and over the emotions that the method reached, ± half of the 95 % bootstrap interval "
            "over people.",
            "",
            table,
            "",
            "![The same numbers as a figure](images/comparison.png)",
            "",
            *(f"- {sentence}" for sentence in comparison_sentences(comparison)),
            f"- Posing raises the log odds of the emotion by: {posed}.",
            "",
            END,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--change", type=float, default=0.5)
    parser.add_argument("--latents", type=Path, help="latents of the fit, if they are at hand")
    options = parser.parse_args()
    model = load_model(device="cpu")
    comparison, _ = compare_directions(
        None,
        against=None,
        files=(options.latents, None),
        model=model,
        people=options.people,
        change=options.change,
        identity="judge",
        seed=0,
        quiet=False,
    )
    assert set(comparison.methods) == {*CONTESTANTS, OWN_FACE}
    page = DOCS / "comparison.md"
    text = page.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    atomic_write(page, (before + made_part(comparison, model.fingerprint) + after).encode())
    atomic_write(DOCS / "comparison.csv", comparison_csv(comparison).encode())
    save_figure(DOCS / "images" / "comparison.png", comparison_figure(comparison))
    for sentence in comparison_sentences(comparison):
        print(sentence)


if __name__ == "__main__":
    main()
