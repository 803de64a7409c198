"""What results show of themselves in a notebook: tables and pictures as HTML."""

import base64
import html
from collections.abc import Mapping, Sequence

__all__ = ["Shade", "html_pictures", "html_table"]


class Shade(float):
    """A share from 0 to 1 that a table shows as the depth of a cell's colour.

    Examples
    --------
    >>> "25 %" in html_table(["layer 0"], [[Shade(0.25)]])
    True
    """


def html_table(header: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> str:
    """Return a table as HTML; what is in it is escaped.

    Parameters
    ----------
    header : sequence of str
        A name for each column.
    rows : sequence of sequence
        Texts to the left, numbers to the right, `Shade` as colour.
    caption : str
        A line above.

    Examples
    --------
    >>> html_table(["person"], [["<F01>"]])
    '<table><thead><tr><th>person</th></tr></thead><tbody><tr><td style="text-align:left">&lt;F01&gt;</td></tr></tbody></table>'
    """  # noqa: E501
    top = f"<p>{html.escape(caption)}</p>" if caption else ""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"{top}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html_pictures(pictures: Mapping[str, bytes], *, width: int = 160) -> str:
    """Return PNG pictures side by side as HTML, each with its caption below.

    Parameters
    ----------
    pictures : mapping of str to bytes
        PNG files by caption.
    width : int
        Of each picture in pixels.

    Examples
    --------
    >>> html_pictures({"before": b"..."}).count("<img")
    1
    """
    figures = "".join(
        f'<figure style="margin:0;text-align:center"><img width="{width}" '
        f'alt="{html.escape(caption)}" src="data:image/png;base64,'
        f'{base64.b64encode(content).decode()}"><figcaption>{html.escape(caption)}</figcaption>'
        "</figure>"
        for caption, content in pictures.items()
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{figures}</div>'


def _cell(value: object) -> str:
    if isinstance(value, Shade):
        share = min(max(float(value), 0.0), 1.0)
        colour = f"background:rgba(0,114,178,{share:.2f})"
        return f'<td style="{colour};min-width:1em" title="{100 * share:.0f} %"></td>'
    side = "left" if isinstance(value, str) else "right"
    return f'<td style="text-align:{side}">{html.escape(str(value))}</td>'
