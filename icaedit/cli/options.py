"""Options that several commands share, and the types they are read with."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from icaedit import schema
from icaedit.errors import InputError
from icaedit.schema import (
    COMPARED_METHODS,
    EMOTIONS,
    METHODS,
    THRESHOLD_NAMES,
    parse_compared_methods,
    parse_emotion,
    parse_threshold,
    parse_views,
)

__all__ = [
    "COMPARED",
    "EMOTION",
    "FILE",
    "MODEL",
    "NUMBER",
    "STRENGTHS",
    "TARGET",
    "THRESHOLD",
    "VIEWS",
    "align_option",
    "blend_option",
    "directions_option",
    "landmark_model_option",
    "landmark_options",
    "metadata_option",
    "method_option",
    "model_option",
    "neutralize_option",
    "refine_options",
    "shared_options",
    "with_options",
]

FILE = click.Path(path_type=Path)
_MOST = 1000  # strengths in one sweep


class _Parsed(click.ParamType):
    """A type read by a function of the schema, whose complaint becomes a usage error.

    `values` are what the shell offers, and what follows each; with `separator`, several of them.
    """

    def __init__(
        self,
        name: str,
        parse: Callable[[Any], Any],
        values: Sequence[str] = (),
        *,
        separator: str = "",
    ) -> None:
        self.name = name
        self._parse = parse
        self._values = tuple(values)
        self._separator = separator

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._parse(value)
        except InputError as err:
            self.fail(str(err), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        given, separator, last = "", "", incomplete
        if self._separator:
            given, separator, last = incomplete.rpartition(self._separator)
        used = given.split(self._separator) if given else []
        return [
            CompletionItem(given + separator + value)
            for value in self._values
            if value.lower().startswith(last.lower()) and value not in used
        ]


class _Model(click.ParamType):
    """The name of a model or a file, of which the shell offers the names and the files."""

    name = "model"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from icaedit.models.library import added_models, embedded_models

        models = embedded_models() | added_models()
        names = [name for name in models if name.startswith(incomplete)]
        # in bash names given after it win over files, so files are offered where no name fits
        return [CompletionItem(incomplete, type="file"), *map(CompletionItem, names)]


def _parse_number(text: str | float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise InputError(f"got {text!r}, expected a finite number; write it like 3 or -1.5")
    return number


def _parse_strengths(value: str | tuple[float, ...]) -> tuple[float, ...]:
    """Return the numbers of ``"-3:3:7"`` (first, last, how many) or ``"0,1.5,3"``."""
    if isinstance(value, tuple):
        return value
    parts = value.split(":")
    if len(parts) == 1:
        return tuple(_parse_number(part) for part in value.split(","))
    if len(parts) != 3 or not parts[2].strip().isdigit() or not 2 <= int(parts[2]) <= _MOST:
        raise InputError(
            f"got {value!r}, expected START:STOP:COUNT with a count of 2 to {_MOST}, or numbers "
            "separated by commas; write it like -3:3:7"
        )
    first, last, count = _parse_number(parts[0]), _parse_number(parts[1]), int(parts[2])
    # whole steps are hit exactly: 0 is to be 0 and not 1e-16
    return tuple((first * (count - 1 - i) + last * i) / (count - 1) for i in range(count))


def _parse_target(value: str | tuple[str, float]) -> tuple[str, float]:
    """Return the emotion and the number of ``"happy=3"``."""
    if isinstance(value, tuple):
        return value
    emotion, equals, number = value.partition("=")
    if not equals:
        raise InputError(f"got {value!r}, expected EMOTION=STRENGTH; write it like happy=3")
    return parse_emotion(emotion), _parse_number(number)


COMPARED = _Parsed("methods", parse_compared_methods, COMPARED_METHODS, separator=",")
EMOTION = _Parsed("emotion", parse_emotion, EMOTIONS)
MODEL = _Model()
NUMBER = _Parsed("number", _parse_number)
STRENGTHS = _Parsed("strengths", _parse_strengths)
TARGET = _Parsed("target", _parse_target, [f"{emotion}=" for emotion in EMOTIONS])
THRESHOLD = _Parsed("threshold", parse_threshold, THRESHOLD_NAMES)
VIEWS = _Parsed("views", parse_views, (*schema.VIEWS, "all"), separator=",")

model_option = click.option(
    "--model",
    type=MODEL,
    default="portraits",
    show_default=True,
    metavar="M",
    help="Name of a model, or a model's file.",
)

align_option = click.option(
    "--align",
    type=click.Choice(["auto", "always", "none"]),
    default="auto",
    show_default=True,
    help="auto: find and align the face unless the picture is aligned already; always: align it "
    "in any case; none: take the square picture as it is.",
)

neutralize_option = click.option(
    "--neutralize", is_flag=True, help="First take away the expression that the face has."
)

landmark_model_option = click.option(
    "--landmark-model",
    type=FILE,
    metavar="FILE",
    help="A predictor of 68 points in dlib's format.  [default: the one in the package "
    "face_recognition_models]",
)

blend_option = click.option(
    "--blend",
    type=click.Choice(["residual", "replace"]),
    help="How the face goes back into the photo: only what the edit changed is added, or the "
    "model's picture replaces it.  [default: residual]",
)

metadata_option = click.option(
    "--no-metadata",
    is_flag=True,
    help="Write neither how the picture was made into it nor that an algorithm altered it.",
)

directions_option = click.option(
    "--directions",
    type=FILE,
    metavar="FILE",
    help="Directions as fit-directions writes them.  [default: those shipped with the model]",
)

method_option = click.option(
    "--method",
    type=click.Choice(METHODS),
    default="group-ica",
    show_default=True,
    help="How directions are estimated.",
)


def landmark_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--face``, ``--landmarks`` and ``--landmark-model``, which say where the face is."""
    return with_options(
        function,
        click.option(
            "--face",
            type=click.IntRange(min=1),
            metavar="N",
            help="Which face, as `icaedit align --show` numbers them.  [default: the largest]",
        ),
        click.option(
            "--landmarks",
            type=FILE,
            metavar="FILE",
            help="CSV or JSON with 5 or 68 points of the face, x,y in pixels; then none is "
            "looked for.",
        ),
        landmark_model_option,
    )


def refine_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--refine`` and ``--tune``."""
    return with_options(
        function,
        click.option(
            "--refine",
            type=click.IntRange(min=1),
            metavar="N",
            help="Fit the latents to the face in N steps before the edit; slow, and more alike.",
        ),
        click.option(
            "--tune",
            is_flag=True,
            help="With --refine, also fit a copy of the generator's weights in N more steps.",
        ),
    )


def shared_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--device``, ``--seed`` and ``--quiet``, which every command has."""
    return with_options(
        function,
        click.option(
            "--device",
            type=click.Choice(["auto", "cpu", "cuda"]),
            default="auto",
            show_default=True,
            help="Where networks run; auto takes a GPU if there is one.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            help="Seed of everything random.",
        ),
        click.option("--quiet", is_flag=True, help="Show no progress."),
    )


def with_options(
    function: Callable[..., None], *options: Callable[..., Any]
) -> Callable[..., None]:
    """Add options to a command, in the order in which help lists them."""
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), function)
