"""Formulas as MathML, which browsers draw themselves: nothing is fetched and no script runs.

The conversion is docutils'.
"""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.writers.html5 import HTML5Translator

__all__ = ["setup"]


def _markup(node: nodes.math | nodes.math_block, *, as_block: bool) -> str:
    text = node.astext()
    try:
        return tex2mathml(text, as_block=as_block)
    except MathError as err:
        where = f"{node.source}:{node.line}"
        raise SphinxError(f"{where}: got the formula {text!r}, of which {err}") from err


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_markup(node, as_block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    number = node.get("number")
    translator.body.append('<div class="formula">')
    translator.body.append(_markup(node, as_block=True))
    if number:
        translator.body.append(f'<span class="formula-number">({number})</span>')
        translator.add_permalink_ref(node, "Link to this equation")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the renderer `mathml`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
