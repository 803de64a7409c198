"""An executed notebook as a page of the documentation, and a notebook without what it put out."""

import base64
import copy
import re
from pathlib import PurePosixPath

from nbformat import NotebookNode

__all__ = ["ALT", "title_of", "page_of", "stripped"]

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_KEPT_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
ALT = "alt"
"""Key of a cell's metadata: what its pictures show, for those who do not see them."""

_PICTURES = {"image/png": ".png", "image/jpeg": ".jpg"}


def stripped(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as it is kept: no outputs, no counts, no metadata of whoever ran it.

    What a cell's pictures show, its metadata ``alt``, stays.
    """
    clean = copy.deepcopy(notebook)
    clean.metadata = NotebookNode(copy.deepcopy(_KEPT_METADATA))
    for cell in clean.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k == ALT})
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return clean


def title_of(notebook: NotebookNode) -> str:
    """Return the title of a notebook: the first heading of its first cell."""
    first = notebook.cells[0].source.splitlines()[0]
    if not first.startswith("# "):
        raise ValueError(f"got a notebook that begins with {first!r}, expected a heading '# ...'")
    return first[2:].strip()


def page_of(notebook: NotebookNode, name: str) -> tuple[str, dict[str, bytes]]:
    """Turn an executed notebook into Markdown as MyST reads it, and the pictures in it.

    Parameters
    ----------
    notebook : NotebookNode
    name : str
        Of the notebook, without an ending; pictures are named after it.

    Returns
    -------
    page : str
    pictures : dict of str to bytes
        By the name under which the page shows them, beside itself.

    Raises
    ------
    ValueError
        If a cell shows a picture and does not say what it shows.
    """
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(_LINK.sub(_as_in_the_documentation, cell.source))
        elif cell.cell_type == "code" and cell.source.strip():
            parts.append(_fenced(cell.source, "python"))
            for number, output in enumerate(cell.outputs):
                parts += _shown(output, f"{name}-{cell.id}-{number}", cell, pictures)
    parts.append(
        "*The outputs above were made by running the notebook when this page was built:* "
        f"{{download}}`{name}.ipynb <../../notebooks/{name}.ipynb>`."
    )
    return "\n\n".join(parts) + "\n", pictures


def _as_in_the_documentation(match: re.Match) -> str:
    """Rewrite a link from the folder of notebooks to one from that of their pages."""
    target = match["target"]
    if ":" in target or target.startswith("#"):
        return match[0]
    path, mark, anchor = target.partition("#")
    place = PurePosixPath(path)
    if place.parts[:2] == ("..", "docs"):
        path = PurePosixPath("..", *place.parts[2:]).as_posix()
    elif place.parts[0] == "..":
        path = f"../{path}"
    elif place.suffix == ".ipynb":
        path = place.with_suffix(".md").as_posix()
    return f"]({path}{mark}{anchor})"


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _shown(
    output: NotebookNode, name: str, cell: NotebookNode, pictures: dict[str, bytes]
) -> list[str]:
    """Return what a page shows of an output; pictures go into `pictures`."""
    if output.output_type == "stream":
        return [_fenced(_ESCAPES.sub("", output.text), "text")]
    data = output.get("data", {})
    for kind, suffix in _PICTURES.items():
        if kind in data:
            pictures[name + suffix] = base64.b64decode(data[kind])
            if not cell.metadata.get(ALT):
                raise ValueError(
                    f"got a picture from cell {cell.id!r} and no text for it, expected one; add "
                    f"{ALT!r} to the cell's metadata"
                )
            return [f"![{cell.metadata[ALT]}]({name}{suffix})"]
    if "text/html" in data:
        return [_fenced(data["text/html"], "{raw} html")]
    if "text/markdown" in data:
        return [data["text/markdown"]]
    return [_fenced(_ESCAPES.sub("", data["text/plain"]), "text")] if "text/plain" in data else []
