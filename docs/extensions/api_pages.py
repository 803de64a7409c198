"""A page for every room's public names, written from `__all__` before the sources are read."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from written_pages import fill_folder

import icaedit

__all__ = ["keep_bars", "page", "setup", "write_pages"]

_LONGEST_VALUE = 60
_BARS = re.compile(r"\|([^|\s][^|]*)\|")


def _rooms() -> list[str]:
    """Return the modules that the package names, and its sub-packages but for the commands."""
    named = {name for name in icaedit.__all__ if isinstance(getattr(icaedit, name), ModuleType)}
    packages = {found.name for found in pkgutil.iter_modules(icaedit.__path__) if found.ispkg}
    return sorted((named | packages) - {"cli"})


def _homes(module: ModuleType) -> dict[str, str]:
    """Return for each name that a module imports the module it comes from."""
    tree = ast.parse(inspect.getsource(module))
    return {
        alias.asname or alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _data(room: str, name: str, value: object, home: str) -> str:
    comments = ModuleAnalyzer.for_module(home)
    comments.analyze()
    said = comments.attr_docs.get(("", name), [])
    lines = [f".. py:data:: icaedit.{room}.{name}"]
    if len(repr(value)) <= _LONGEST_VALUE:
        lines.append(f"   :value: {value!r}")
    lines += ["", *(f"   {line}" for line in said), ""]
    return "\n".join(lines)


def _entry(room: str, name: str, module: ModuleType) -> tuple[str, str]:
    """Return which part of the page a name belongs to, and its directive."""
    value = getattr(module, name)
    full = f"icaedit.{room}.{name}"
    if inspect.isclass(value):
        members = "   :show-inheritance:\n" if issubclass(value, BaseException | Warning) else ""
        return "Classes", f".. autoclass:: {full}\n   :members:\n{members}"
    if callable(value):
        return "Functions", f".. autofunction:: {full}\n"
    return "Constants", _data(room, name, value, _homes(module).get(name, module.__name__))


def page(room: str) -> str:
    module = importlib.import_module(f"icaedit.{room}")
    title = f"icaedit.{room}"
    parts: dict[str, list[str]] = {"Functions": [], "Classes": [], "Constants": []}
    for name in module.__all__:
        part, directive = _entry(room, name, module)
        parts[part].append(directive)
    text = [title, "=" * len(title), "", inspect.cleandoc(module.__doc__ or ""), ""]
    for part, directives in parts.items():
        if directives:
            text += [part, "-" * len(part), "", *directives]
    return "\n".join(text) + "\n"


def write_pages(app: Sphinx) -> None:
    """Fill docs/api; a page that did not change is left alone."""
    folder = Path(app.srcdir) / "api"
    pages = {f"{room}.rst": page(room) for room in _rooms()}
    fill_folder(folder, pages)


def _public_classes() -> dict[str, str]:
    """Return the full name of each public class by its own."""
    return {
        name: f"icaedit.{room}.{name}"
        for room in _rooms()
        for name in importlib.import_module(f"icaedit.{room}").__all__
        if inspect.isclass(getattr(importlib.import_module(f"icaedit.{room}"), name))
    }


def _link_types(app: Sphinx, doctree: nodes.document) -> None:
    """Link the classes of this package in descriptions of types, and nothing else there.

    A type is written for people, such as "ndarray of shape (size, size, 3)"; sphinx looks for a
    class behind each of its words.
    """
    classes = app.config.icaedit_classes
    for node in list(doctree.findall(pending_xref)):
        if node.get("refdomain") == "py" and node.get("reftype") == "class":
            full = classes.get(node["reftarget"].rpartition(".")[2])
            if full is None:
                node.replace_self(node.children)
            else:
                node["reftarget"] = full


def keep_bars(lines: list[str]) -> None:
    """Escape the bars of absolute values, which reStructuredText takes for a substitution."""
    in_example = False
    for row, line in enumerate(lines):
        in_example = (in_example and bool(line.strip())) or line.lstrip().startswith(">>>")
        if not in_example and not line.lstrip().startswith(("|", "+")):
            parts = line.split("``")  # every second one is literal
            parts[::2] = [_BARS.sub(r"\\|\1\\|", part) for part in parts[::2]]
            lines[row] = "``".join(parts)


def _on_docstring(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    keep_bars(lines)


def _skip(app: Sphinx, what: str, name: str, value: object, skip: bool, options: object) -> bool:
    """Leave out what scikit-learn adds to every estimator for its metadata routing."""
    return skip or (name.startswith("set_") and name.endswith("_request"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages when the builder is ready."""
    app.add_config_value("icaedit_classes", _public_classes(), "env")
    app.connect("builder-inited", write_pages)
    app.connect("doctree-read", _link_types)
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-docstring", _on_docstring, priority=400)  # before napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
