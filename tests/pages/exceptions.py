"""The one list of what is shown and not run as it is shown, each entry with its reason."""

NOT_RUN = {
    "git clone <this repository> icaedit && cd icaedit": "the checkout is what the tests run in",
}
"""Commands that cannot be run here."""

SMALLER = {
    "--identities 30": ("--identities 4", "thirty people take half a minute to draw and encode"),
    "icaedit evaluate directions.safetensors": (
        "icaedit evaluate directions.safetensors --people 4",
        "every method edits every rendered person at many strengths",
    ),
    "icaedit recognize train": (
        "icaedit recognize train --backbone rul --size 32 --epochs 1",
        "thirty epochs take minutes; tests/cli and tests/recognition train longer",
    ),
    "--size 64": ("", "see the line before"),
    "--refine 100": ("--refine 2", "each step costs as much as the next"),
    "icaedit demo": (
        "icaedit demo --identities 2 --model ffhq",
        "tests/cli/test_demo.py runs the tour; 24 people take half a minute",
    ),
}
"""Parts of commands, what is run instead, and why."""

PYTHON_SMALLER = {
    "dlib_embedder()": (
        "(lambda images: images[:, ::2, ::2].reshape(len(images), -1).astype(float))",
        "dlib's network takes 0.1 s a face, and its package excludes commercial use",
    ),
    "Refinement(20)": ("Refinement(2)", "each step costs as much as the next"),
}
"""The same for blocks of Python."""

CHECKED_ONLY = {
    "pip install": "nothing is installed while tests run; names, extras and files are checked",
    "make": "the targets are what runs the tests; that they exist is checked",
    ".ci/run": "it runs these tests",
    ".venv/bin/python -m pytest": "the tests of a room run with all others",
    "icaedit app": "it serves until it is stopped; tests/app does so",
    "icaedit recognize reproduce": "an hour of a core; tests/cli runs it small",
    "python tools/": "minutes of work each; that file and options exist is checked",
}
"""How commands start of which only the words are checked."""

EXIT_CODES: dict[str, tuple[int, ...]] = {}
"""Commands that may end with another exit code than 0."""
