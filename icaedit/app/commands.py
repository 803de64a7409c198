"""The lines for a shell that do what was done on the page."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Request", "edit_command", "sweep_command"]


@dataclass(frozen=True)
class Request:
    """What is asked of a face.

    Attributes
    ----------
    strengths : dict of str to float
        Units of strength to add, by emotion.
    neutralize : bool
        Whether the expression that is there is taken away first.
    """

    strengths: Mapping[str, float] = field(default_factory=dict)
    neutralize: bool = False

    @property
    def moves(self) -> dict[str, float]:
        """The strengths that are not 0."""
        return {emotion: strength for emotion, strength in self.strengths.items() if strength}


def edit_command(
    picture: str, request: Request, output: str, *, options: Sequence[str] = ()
) -> str:
    """Return the `icaedit edit` line of a request.

    Parameters
    ----------
    picture : str
        Name of the picture's file.
    request : Request
    output : str
        Name of the file to write.
    options : sequence of str
        Further words, such as ``--face 2``.

    Examples
    --------
    >>> edit_command("my face.png", Request({"happy": 3.0, "sad": 0.0}), "happy.png")
    "icaedit edit 'my face.png' --emotion happy --strength 3 -o happy.png"
    """
    words = ["icaedit", "edit", _path(picture)]
    moves = request.moves
    if not moves and not request.neutralize:
        moves = dict.fromkeys(list(request.strengths)[:1] or ["happy"], 0.0)
    for emotion, strength in moves.items():
        words += ["--emotion", emotion, "--strength", f"{strength:g}"]
    words += ["--neutralize"] * request.neutralize
    return shlex.join([*words, *options, "-o", _path(output)])


def sweep_command(
    picture: str,
    emotion: str,
    strengths: tuple[float, float, int],
    output: str,
    *,
    neutralize: bool = False,
    options: Sequence[str] = (),
) -> str:
    """Return the `icaedit sweep` line of a sweep.

    Parameters
    ----------
    picture, output, options
        As in `edit_command`.
    emotion : str
    strengths : (float, float, int)
        The first, the last, and how many.
    neutralize : bool

    Examples
    --------
    >>> sweep_command("face.png", "sad", (-1.5, 3.0, 4), "sad.gif")
    'icaedit sweep face.png --emotion sad --strengths=-1.5:3:4 -o sad.gif'
    """
    first, last, count = strengths
    words = ["icaedit", "sweep", _path(picture), "--emotion", emotion]
    words += [f"--strengths={first:g}:{last:g}:{count}"]
    words += ["--neutralize"] * neutralize
    return shlex.join([*words, *options, "-o", _path(output)])


def _path(name: str) -> str:
    """Return a file's name so that no command takes it for an option."""
    return f"./{name}" if name.startswith("-") else name
