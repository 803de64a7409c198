"""Bars and tables of the page as HTML, coloured by its style sheet."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from icaedit.app.readings import Moved, Scores
from icaedit.artifacts import Directions
from icaedit.plots import layer_shares

__all__ = [
    "UNIT_NAMES",
    "directions_html",
    "layers_html",
    "marks_html",
    "moved_html",
    "notice_html",
    "present_html",
    "scores_html",
]

UNIT_NAMES = {
    "AU1": "inner brow raiser", "AU2": "outer brow raiser", "AU4": "brow lowerer",
    "AU5": "upper lid raiser", "AU6": "cheek raiser", "AU7": "lid tightener",
    "AU9": "nose wrinkler", "AU10": "upper lip raiser", "AU12": "lip corner puller",
    "AU15": "lip corner depressor", "AU17": "chin raiser", "AU20": "lip stretcher",
    "AU23": "lip tightener", "AU25": "lips part", "AU26": "jaw drop",
}  # fmt: skip
"""Names of the action units, after Ekman and Friesen's FACS."""

_LEAST_TINTED = 0.02


def notice_html(line: str) -> str:
    """Return a line that says what went wrong."""
    return f'<p class="ie-notice" role="alert">{escape(line)}</p>'


def scores_html(scores: Scores, *, strangers: float | None, trusted: bool) -> str:
    """Return the judge's scores before and after as bars.

    Parameters
    ----------
    scores : Scores
    strangers : float, optional
        Mean likeness of different people, marked on the bar of identity.
    trusted : bool
        Whether the pictures are of the kind that the judge was trained on.
    """
    caveat = (
        ""
        if trusted
        else '<p class="ie-note">The judge was trained on rendered portraits. On pictures of '
        "another model its numbers mean little.</p>"
    )
    units = {f"{name} {UNIT_NAMES.get(name, '')}": pair for name, pair in scores.units.items()}
    mark = "" if strangers is None else f", different people {strangers:.2f} on average"
    return (
        f'{caveat}<div class="ie-key"><span class="ie-swatch ie-before"></span>before '
        '(reconstruction)<span class="ie-swatch ie-after"></span>after (edit)</div>'
        '<div class="ie-columns"><section><h4>Emotion, probability</h4>'
        f"{_paired(scores.emotions, top=1.0, digits=2)}"
        "<h4>Identity, cosine</h4>"
        f"{_likeness('edit and reconstruction', scores.identity, strangers)}"
        f"{_likeness('reconstruction and picture', scores.kept, strangers)}"
        f'<p class="ie-note">1 is the same person{mark}.</p></section>'
        f"<section><h4>Action units, 0 absent to 1 strong</h4>"
        f"{_paired(units, top=1.25, digits=2)}</section></div>"
    )


def moved_html(moved: Moved, names: Sequence[str]) -> str:
    """Return how far each style layer moved, and the coordinates that moved furthest.

    Parameters
    ----------
    moved : Moved
    names : sequence of str, length L
        Of the style layers.
    """
    if not moved.distance:
        return '<p class="ie-note">Nothing moves: every strength is 0.</p>'
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td><div class="ie-track">'
        f'<div class="ie-bar ie-after" style="width:{100 * share:.1f}%"></div></div></td>'
        f"<td>{share:.0%}</td><td>{count} of {moved.n_channels}</td></tr>"
        for name, share, count in zip(names, moved.shares, moved.counts, strict=True)
    )
    top = "".join(
        f"<tr><td>{layer}</td><td>{channel}</td><td>{change:+.2f}</td></tr>"
        for layer, channel, change in moved.top
    )
    return (
        f"<p>The latents move by {moved.distance:.2f}, in "
        f"{int(moved.counts.sum())} of {moved.n_channels * len(names)} coordinates.</p>"
        '<div class="ie-columns ie-moved"><table class="ie-table"><thead><tr><th>style layer</th>'
        "<th>share of the movement (squared)</th><th></th><th>coordinates</th></tr></thead><tbody>"
        f'{rows}</tbody></table><table class="ie-table"><thead><tr><th>layer</th><th>channel</th>'
        f"<th>moves by</th></tr></thead><tbody>{top}</tbody></table></div>"
    )


def layers_html(directions: Directions, names: Sequence[str]) -> str:
    """Return the share of each layer's coordinates that each direction uses, as a tinted table.

    Parameters
    ----------
    directions : Directions
    names : sequence of str, length L
        Of the style layers.
    """
    shares = layer_shares(directions.masks)  # (L, E)
    top = float(shares.max()) or 1.0
    head = "".join(f"<th>{escape(emotion)}</th>" for emotion in directions.emotions)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(_tinted(float(share), float(share) / top) for share in row)
        + "</tr>"
        for name, row in zip(names, shares, strict=True)
    )
    return (
        f'<table class="ie-table ie-map"><thead><tr><th>style layer</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def present_html(present: Mapping[str, float]) -> str:
    """Return the strengths that are present in a face, in words."""
    if not present:
        return ""
    shown = ", ".join(f"{escape(name)} {value:+.1f}" for name, value in present.items())
    return f'<p class="ie-note">Present in this face now: {shown}.</p>'


def directions_html(directions: Directions, *, origin: str) -> str:
    """Return what the directions in use are."""
    rule = directions.threshold
    threshold = rule if isinstance(rule, str) else f"{rule:g} latent units"
    kept = float(np.mean(directions.masks))
    return (
        f'<p class="ie-note">{escape(directions.method)}, threshold {escape(threshold)}: '
        f"{kept:.0%} of the coordinates kept. {escape(origin)}</p>"
    )


def marks_html(directions: Directions, reach: float) -> str:
    """Return the style that marks each slider at its emotion's posed strength.

    Parameters
    ----------
    directions : Directions
    reach : float
        Strength at the right end of the sliders, whose left end is its negative.
    """
    rules = "".join(
        f"#strength-{emotion}{{--posed:{(strength + reach) / (2 * reach):.4f};"
        f'--posed-text:"posed {strength:.1f}";--posed-shown:1}}'
        for emotion, strength in directions.posed_strength.items()
        if abs(strength) <= reach
    )
    return f"<style>{rules}</style>"


def _paired(values: Mapping[str, tuple[float, float]], *, top: float, digits: int) -> str:
    return "".join(
        f'<div class="ie-pair"><span class="ie-name">{escape(name)}</span>'
        '<span class="ie-bars">'
        f'<span class="ie-bar ie-before" style="width:{_width(a, top)}"></span>'
        f'<span class="ie-bar ie-after" style="width:{_width(b, top)}"></span></span>'
        f'<span class="ie-value">{a:.{digits}f} → {b:.{digits}f}</span></div>'
        for name, (a, b) in values.items()
    )


def _likeness(name: str, value: float, strangers: float | None) -> str:
    mark = ""
    if strangers is not None:
        mark = f'<span class="ie-mark" style="left:{_width(strangers, 1.0)}"></span>'
    return (
        f'<div class="ie-pair"><span class="ie-name">{escape(name)}</span>'
        f'<span class="ie-bars"><span class="ie-bar ie-after" style="width:{_width(value, 1.0)}">'
        f'</span>{mark}</span><span class="ie-value">{value:.2f}</span></div>'
    )


def _width(value: float, top: float) -> str:
    return f"{100 * min(max(value / top, 0.0), 1.0):.1f}%"


def _tinted(share: float, tint: float) -> str:
    strength = round(100 * max(tint, _LEAST_TINTED))
    dark = " ie-dark" if tint > 0.6 else ""
    return f'<td class="ie-cell{dark}" style="--tint:{strength}%">{share:.0%}</td>'
