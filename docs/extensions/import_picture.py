"""The directive `import-picture`: the rooms in their layers, and which of them import which.

Layers come from the contract in pyproject.toml, arrows from the imports themselves. An arrow that
a chain of others implies is left out. Where this is not built, as on a code host, the
directive's content is seen instead: the layers as text, which must be those of the contract.
"""

import html
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import grimp
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["draw", "read_imports", "read_layers", "setup"]

ROW, BOX, GAP, LETTER, PASS = 88, 34, 22, 8.2, 14
"""Pixels: between rows, a box's height, between neighbours, a letter's width, a passing line's."""

SWEEPS = 12

Node = tuple[str, int]
"""A room and its row; or, where an arrow passes a row, the arrow's name and that row."""


def read_layers(pyproject: Path) -> list[list[str]]:
    """Return the rooms of each layer, from the top."""
    contracts = tomllib.loads(pyproject.read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip() for room in layer.split("|")] for layer in layers]


def read_imports(rooms: Sequence[str]) -> list[tuple[str, str]]:
    """Return which room imports which, without what a chain of others implies."""
    graph = grimp.build_graph("icaedit", cache_dir=None)
    uses = {
        room: {
            other
            for other in rooms
            if other != room
            and graph.direct_import_exists(
                importer=f"icaedit.{room}", imported=f"icaedit.{other}", as_packages=True
            )
        }
        for room in rooms
    }

    def below(room: str) -> set[str]:
        found: set[str] = set()
        for other in uses[room]:
            found |= {other} | below(other)
        return found

    implied = {room: set().union(*(below(other) for other in uses[room])) for room in rooms}
    return [
        (room, other) for room in rooms for other in rooms if other in uses[room] - implied[room]
    ]


def _chains(
    layers: list[list[str]], imports: list[tuple[str, str]]
) -> tuple[list[list[Node]], list[list[Node]]]:
    """Return the nodes of each row, and for each arrow the nodes that it goes through."""
    row_of = {room: row for row, layer in enumerate(layers) for room in layer}
    rows: list[list[Node]] = [[(room, row) for room in layer] for row, layer in enumerate(layers)]
    chains = []
    for room, other in imports:
        passing = [(f"{room} {other}", row) for row in range(row_of[room] + 1, row_of[other])]
        for node in passing:
            rows[node[1]].append(node)
        chains.append([(room, row_of[room]), *passing, (other, row_of[other])])
    return rows, chains


def _width(node: Node) -> float:
    return PASS if " " in node[0] else LETTER * len(node[0]) + 24


def _placed(rows: list[list[Node]], chains: list[list[Node]]) -> dict[Node, float]:
    """Return the middle of each node: in every row ordered and shifted towards its neighbours."""
    beside: dict[Node, list[Node]] = {node: [] for row in rows for node in row}
    for chain in chains:
        for upper, lower in zip(chain, chain[1:], strict=False):
            beside[upper].append(lower)
            beside[lower].append(upper)
    middle = {node: float(place) for row in rows for place, node in enumerate(row)}
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wish = {n: _mean(middle[other] for other in beside[n]) for n in row}
            row.sort(key=lambda node: wish[node])
            middle.update({node: float(place) for place, node in enumerate(row)})
    for row in rows:
        middle.update(_packed(row, dict.fromkeys(row, 0.0)))
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            middle.update(_packed(row, {n: _mean(middle[o] for o in beside[n]) for n in row}))
    return middle


def _mean(values: Iterator[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0


def _packed(row: list[Node], wish: dict[Node, float]) -> dict[Node, float]:
    """Return places in this order, without overlap, near what is wished."""
    need = [(_width(a) + _width(b)) / 2 + GAP for a, b in zip(row, row[1:], strict=False)]
    right = [wish[row[0]]]
    for node, gap in zip(row[1:], need, strict=True):
        right.append(max(wish[node], right[-1] + gap))
    left = [wish[row[-1]]]
    for node, gap in zip(row[-2::-1], need[::-1], strict=True):
        left.append(min(wish[node], left[-1] - gap))
    return {n: (a + b) / 2 for n, a, b in zip(row, right, left[::-1], strict=True)}


def draw(layers: list[list[str]], imports: list[tuple[str, str]], *, pages: set[str]) -> str:
    """Return the picture as SVG; rooms that have a page link to it."""
    rows, chains = _chains(layers, imports)
    middle = _placed(rows, chains)
    left = min(x - _width(node) / 2 for node, x in middle.items()) - 8
    width = max(x + _width(node) / 2 for node, x in middle.items()) + 8 - left
    height = ROW * (len(rows) - 1) + BOX + 16
    parts = [
        f'<svg class="import-picture" viewBox="0 0 {width:.0f} {height}" role="img" '
        'xmlns="http://www.w3.org/2000/svg"><title>Which room imports which</title>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    ]
    for chain in chains:
        parts.append(_arrow([(middle[n] - left, 8 + ROW * n[1]) for n in chain]))
    for node in (node for row in rows for node in row if " " not in node[0]):
        parts.append(_box(node[0], middle[node] - left, 8 + ROW * node[1], node[0] in pages))
    return "\n".join([*parts, "</svg>"])


def _arrow(points: list[tuple[float, float]]) -> str:
    (x, y), *rest = points
    path = f"M{x:.1f} {y + BOX}"
    y += BOX
    for place, (to_x, to_y) in enumerate(rest):
        last = place == len(rest) - 1
        bend = (to_y - y) / 2
        path += f"C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_y - bend:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
        if not last:  # straight past the boxes of this row
            path += f"V{to_y + BOX}"
            y = to_y + BOX
    return f'<path class="import" d="{path}" marker-end="url(#tip)"/>'


def _box(room: str, x: float, y: float, has_page: bool) -> str:
    width, name = _width((room, 0)), html.escape(room)
    text = (
        f'<rect x="{x - width / 2:.1f}" y="{y}" width="{width:.1f}" height="{BOX}" rx="6"/>'
        f'<text x="{x:.1f}" y="{y + BOX / 2 + 5:.1f}">{name}</text>'
    )
    return f'<a href="api/{name}.html">{text}</a>' if has_page else f"<g>{text}</g>"


class ImportPicture(SphinxDirective):
    """Replace the layers as text by the picture."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir).parent
        layers = read_layers(root / "pyproject.toml")
        said = [[room.strip() for room in line.split("·")] for line in self.content if line.strip()]
        if [sorted(layer) for layer in said] != [sorted(layer) for layer in layers]:
            raise self.error(f"got the layers {said}, expected those of pyproject.toml: {layers}")
        self.env.note_dependency(str(root / "pyproject.toml"))
        self.env.note_reread()
        rooms = [room for layer in layers for room in layer]
        pages = {path.stem for path in (Path(self.env.srcdir) / "api").glob("*.rst")}
        picture = draw(layers, read_imports(rooms), pages=pages)
        return [nodes.raw("", f'<div class="wide">{picture}</div>', format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the directive."""
    app.add_directive("import-picture", ImportPicture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
