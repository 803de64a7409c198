"""Pictures in a terminal: what is detected, and that what is written is the picture."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from icaedit.cli.terminal import PROTOCOLS, picture_protocol, picture_text


class Terminal(io.StringIO):
    encoding = "UTF-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def picture() -> np.ndarray:
    """30 x 20 px with a place for everything: a gradient, and one red corner."""
    image = np.zeros((20, 30, 3), np.uint8)
    image[..., 1] = np.arange(30) * 8
    image[..., 2] = np.arange(20)[:, None] * 12
    image[:4, :4] = (255, 0, 0)
    return image


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-sixel"}, "sixel"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "blocks"),
        ({"TERM": "xterm-256color"}, "256-colour blocks"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, "256-colour blocks"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x", "COLORTERM": "24bit"}, "blocks"),
        ({"TERM": "vt100"}, None),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, None),
        ({}, None),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, None),
        ({"TERM": "xterm-kitty", "ICAEDIT_PICTURES": "none"}, None),
        ({"TERM": "vt100", "ICAEDIT_PICTURES": "sixel"}, "sixel"),
        ({"TERM": "xterm-kitty", "ICAEDIT_PICTURES": "bogus"}, "kitty"),
    ],
)
def test_the_protocol_follows_from_what_the_terminal_says(environment, protocol):
    assert picture_protocol(Terminal(), environment) == protocol


def test_a_pipe_gets_no_picture_whatever_the_terminal_says():
    known = {"TERM": "xterm-kitty", "ICAEDIT_PICTURES": "kitty"}
    assert picture_protocol(io.StringIO(), known) is None


def test_a_terminal_without_unicode_gets_no_blocks():
    terminal = Terminal()
    terminal.encoding = "latin-1"
    assert picture_protocol(terminal, {"TERM": "xterm", "COLORTERM": "truecolor"}) is None


def test_blocks_hold_every_pixel_exactly(picture):
    np.testing.assert_array_equal(read_blocks(picture_text(picture, "blocks", columns=80)), picture)


def test_an_odd_last_row_is_doubled(picture):
    shown = read_blocks(picture_text(picture[:5], "blocks", columns=80))
    np.testing.assert_array_equal(shown, np.concatenate([picture[:5], picture[4:5]]))


def test_blocks_are_no_wider_than_the_terminal_and_keep_the_proportions(picture):
    wide = np.repeat(np.repeat(picture, 7, 0), 7, 1)
    shown = read_blocks(picture_text(wide, "blocks", columns=30))
    np.testing.assert_array_equal(shown, picture)


def test_256_colours_are_the_nearest_of_the_cube():
    image = np.array([[[255, 0, 0]], [[90, 140, 210]]], np.uint8)
    text = picture_text(image, "256-colour blocks", columns=9)
    assert text == "\x1b[38;5;196;48;5;68m▀\x1b[0m\n"


@pytest.mark.parametrize("size", [(20, 30), (200, 300)])
def test_kitty_gets_the_png_in_pieces_of_its_size(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    text = picture_text(image, "kitty", columns=20)
    parts = re.findall("\x1b_G(.*?);(.*?)\x1b\\\\", text)
    assert "".join(f"\x1b_G{keys};{part}\x1b\\" for keys, part in parts) + "\n" == text
    assert max(len(part) for _, part in parts) <= 4096
    more = [dict(pair.split("=") for pair in keys.split(","))["m"] for keys, _ in parts]
    assert more == ["1"] * (len(parts) - 1) + ["0"]
    columns = 3 if size == (20, 30) else 20
    assert f"c={columns}," in parts[0][0]
    np.testing.assert_array_equal(read_png("".join(part for _, part in parts)), image)


def test_iterm2_gets_the_png_whole(picture):
    text = picture_text(picture, "iterm2", columns=80)
    keys, _, content = text.removeprefix("\x1b]1337;File=").removesuffix("\x07\n").partition(":")
    assert "inline=1" in keys.split(";") and "width=3" in keys.split(";")
    np.testing.assert_array_equal(read_png(content), picture)


def test_sixels_draw_the_picture_to_within_their_percents(picture):
    shown = read_sixels(picture_text(picture, "sixel", columns=80))
    assert shown.shape == picture.shape
    # percents are steps of 2.55; 255 of the picture's colours are kept
    assert np.abs(shown.astype(int) - picture).mean() < 3
    assert np.abs(shown[:4, :4].astype(int) - picture[:4, :4]).max() <= 3


def test_every_protocol_writes_something_that_ends_the_line(picture):
    for protocol in PROTOCOLS:
        assert picture_text(picture, protocol, columns=10).endswith("\n")


def read_blocks(text: str) -> np.ndarray:
    rows = []
    for line in text.splitlines():
        cells = re.findall(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m▀", line)
        values = np.array(cells, dtype=np.uint8).reshape(-1, 2, 3)
        rows += [values[:, 0], values[:, 1]]
    return np.stack(rows)


def read_png(content: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(content, validate=True))) as image:
        return np.asarray(image.convert("RGB"))


def read_sixels(text: str) -> np.ndarray:
    """Draw sixels as a terminal does."""
    body = text.removeprefix("\x1bPq").removesuffix("\x1b\\\n")
    sizes = re.match(r'"1;1;(\d+);(\d+)', body)
    width, height = int(sizes[1]), int(sizes[2])
    image = np.full((height + 5, width, 3), 7, np.uint8)
    palette, colour, x, top = {}, None, 0, 0
    for token in re.findall(r"#\d+(?:;\d+){4}|#\d+|!\d+.|[?-~]|\$|-", body[sizes.end() :]):
        if token[0] == "#":
            number, *rest = map(int, token[1:].split(";"))
            if rest:
                palette[number] = [round(part * 2.55) for part in rest[1:]]
            else:
                colour = number
        elif token in "$-":
            x, top = 0, top + 6 * (token == "-")
        else:
            count = int(token[1:-1]) if token[0] == "!" else 1
            bits = ord(token[-1]) - 63
            for row in range(6):
                if bits >> row & 1:
                    image[top + row, x : x + count] = palette[colour]
            x += count
    return image[:height]
