"""Pictures in a terminal: by its own protocol where it has one, else as coloured half blocks."""

import base64
import os
import shutil
import sys
from collections.abc import Mapping
from typing import IO

import numpy as np

__all__ = ["PROTOCOLS", "VARIABLE", "picture_protocol", "picture_text", "show_picture"]

PROTOCOLS = ("kitty", "iterm2", "sixel", "blocks", "256-colour blocks")
"""How pictures are drawn, the best first."""
VARIABLE = "ICAEDIT_PICTURES"
"""The environment variable that names the protocol where the terminal is not known; or none."""

_CHUNK = 4096  # bytes of base64 in one escape sequence, kitty's limit
_COLUMN = 10  # pixels: what a column of a terminal usually is
_CUBE = (0, 95, 135, 175, 215, 255)  # levels of xterm's 6 x 6 x 6 colours


def picture_protocol(stream: IO[str], environment: Mapping[str, str] | None = None) -> str | None:
    """Return how a stream can show pictures, by what the terminal says of itself.

    Parameters
    ----------
    stream : text stream
    environment : mapping, optional
        That of this process if absent.

    Returns
    -------
    {"kitty", "iterm2", "sixel", "blocks", "256-colour blocks"} or None
        None where it is no terminal, as a pipe or a file, or one that cannot.

    Examples
    --------
    >>> import io
    >>> picture_protocol(io.StringIO(), {"TERM": "xterm-kitty"}) is None
    True
    """
    known = os.environ if environment is None else environment
    if not stream.isatty():
        return None
    wanted = known.get(VARIABLE, "")
    if wanted in PROTOCOLS:
        return wanted
    term, program = known.get("TERM", ""), known.get("TERM_PROGRAM", "")
    if wanted == "none" or term in ("", "dumb") or "NO_COLOR" in known:
        return None
    # a multiplexer passes on text, and no pictures unless it was set up to
    if "TMUX" not in known and not term.startswith(("screen", "tmux")):
        if "kitty" in term or program == "ghostty" or "KITTY_WINDOW_ID" in known:
            return "kitty"
        if program in ("iTerm.app", "WezTerm", "mintty") or known.get("LC_TERMINAL") == "iTerm2":
            return "iterm2"
        if "sixel" in term or term.startswith(("foot", "mlterm", "contour", "yaft")):
            return "sixel"
    if "utf" not in (getattr(stream, "encoding", None) or "").lower():
        return None
    if known.get("COLORTERM") in ("truecolor", "24bit"):
        return "blocks"
    return "256-colour blocks" if term.endswith("256color") else None


def _terminal_columns() -> int:
    """Return how many columns a picture may take: the terminal's, and 100 at most."""
    return min(shutil.get_terminal_size().columns, 100)


def picture_text(image: np.ndarray, protocol: str, *, columns: int) -> str:
    """Return what draws a picture when it is written to the terminal.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    protocol : str
        One of `PROTOCOLS`.
    columns : int
        Of the terminal; the picture is as wide at most, and never enlarged.

    Examples
    --------
    >>> picture_text(np.zeros((2, 1, 3), np.uint8), "blocks", columns=80)
    '\\x1b[38;2;0;0;0;48;2;0;0;0m▀\\x1b[0m\\n'
    """
    if protocol == "kitty":
        return _kitty(image, _wide(image, columns))
    if protocol == "iterm2":
        content = base64.b64encode(_png(image)).decode()
        size = f"width={_wide(image, columns)};preserveAspectRatio=1;inline=1"
        return f"\x1b]1337;File={size}:{content}\x07\n"
    if protocol == "sixel":
        return _sixel(_shrunk(image, columns * _COLUMN))
    return _blocks(_shrunk(image, columns), exact=protocol == "blocks")


def _wide(image: np.ndarray, columns: int) -> int:
    return max(1, min(columns, -(-image.shape[1] // _COLUMN)))


def _png(image: np.ndarray) -> bytes:
    from io import BytesIO

    from PIL import Image

    with BytesIO() as buffer:
        Image.fromarray(image).save(buffer, format="PNG")
        return buffer.getvalue()


def _shrunk(image: np.ndarray, width: int) -> np.ndarray:
    """Return the picture no wider than `width`, its proportions kept."""
    from PIL import Image

    if image.shape[1] <= width:
        return image
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX))


def _kitty(image: np.ndarray, columns: int) -> str:
    content = base64.b64encode(_png(image)).decode()
    parts = [content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)]
    text = ""
    for number, part in enumerate(parts, start=1):
        keys = f"a=T,f=100,q=2,c={columns}," if number == 1 else ""
        text += f"\x1b_G{keys}m={int(number < len(parts))};{part}\x1b\\"
    return text + "\n"


def _sixel(image: np.ndarray) -> str:
    """Return a picture in DEC's sixels: rows of six pixels, one pass for each colour in a row."""
    from PIL import Image

    reduced = Image.fromarray(image).quantize(255, dither=Image.Dither.NONE)
    index = np.asarray(reduced)
    palette = np.array(reduced.getpalette(), dtype=int).reshape(-1, 3)
    height, width = index.shape
    text = [f'\x1bPq"1;1;{width};{height}']
    for colour in np.unique(index):
        red, green, blue = (palette[colour] * 100 + 127) // 255
        text.append(f"#{colour};2;{red};{green};{blue}")
    for top in range(0, height, 6):
        band = index[top : top + 6]
        weights = 1 << np.arange(len(band))[:, None]
        passes = []
        for colour in np.unique(band):
            sixels = ((band == colour) * weights).sum(0) + 63
            passes.append(f"#{colour}{_run_lengths(sixels)}")
        text.append("$".join(passes) + "-")
    return "".join(text) + "\x1b\\\n"


def _run_lengths(sixels: np.ndarray) -> str:
    edges = np.flatnonzero(np.diff(sixels)) + 1
    runs = np.split(sixels, edges)
    return "".join(
        f"!{len(run)}{chr(run[0])}" if len(run) > 3 else chr(run[0]) * len(run) for run in runs
    )


def _blocks(image: np.ndarray, *, exact: bool) -> str:
    """Return a picture as upper half blocks, two pixels a character: one in front, one behind."""
    if len(image) % 2:
        image = np.concatenate([image, image[-1:]])
    lines = []
    for upper, lower in zip(image[::2], image[1::2], strict=True):
        line = ""
        for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
            line += f"\x1b[38;{_colour(above, exact)};48;{_colour(below, exact)}m▀"
        lines.append(f"{line}\x1b[0m\n")
    return "".join(lines)


def _colour(pixel: list[int], exact: bool) -> str:
    if exact:
        return "2;" + ";".join(map(str, pixel))
    steps = [min(range(6), key=lambda step: abs(_CUBE[step] - value)) for value in pixel]
    return f"5;{16 + 36 * steps[0] + 6 * steps[1] + steps[2]}"


def show_picture(image: np.ndarray) -> bool:
    """Draw a picture on stdout if that is a terminal that can, and say whether it was drawn."""
    protocol = picture_protocol(sys.stdout)
    if protocol is None:
        return False
    sys.stdout.write(picture_text(image, protocol, columns=_terminal_columns()))
    sys.stdout.flush()
    return True
