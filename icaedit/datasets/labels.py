"""Which number stands for which emotion: every data set has its own order."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from icaedit.errors import InputError
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["LABEL_ORDERS", "parse_label_order"]

LABEL_ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "icaedit": EMOTIONS,
        # the text file counts these from 1 (Li, Deng & Du 2017)
        "raf-db": ("surprised", "afraid", "disgusted", "happy", "sad", "angry", "neutral"),
        "affectnet-7": ("neutral", "happy", "sad", "surprised", "afraid", "disgusted", "angry"),
        "affectnet-8": (
            "neutral", "happy", "sad", "surprised", "afraid", "disgusted", "angry", "contempt"
        ),
        # from 0, though no sequence is coded 0 (Lucey et al. 2010)
        "ck+": (
            "neutral", "angry", "contempt", "disgusted", "afraid", "happy", "sad", "surprised"
        ),
        # folders in the order of the alphabet
        "ck+48": ("angry", "contempt", "disgusted", "afraid", "happy", "sad", "surprised"),
        "ckextended": (
            "angry", "disgusted", "afraid", "happy", "sad", "surprised", "neutral", "contempt"
        ),
        "fer2013": ("angry", "disgusted", "afraid", "happy", "sad", "surprised", "neutral"),
        "fer2013-folders": ("angry", "disgusted", "afraid", "happy", "neutral", "sad", "surprised"),
    }
)  # fmt: skip
"""Emotions by label, the first being the lowest, of the data sets and networks that number them."""


def parse_label_order(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the emotions that labels stand for, from label 0 on.

    Parameters
    ----------
    value : str or iterable of str
        A name in `LABEL_ORDERS`, or the emotions themselves, as a sequence or with commas.

    Raises
    ------
    InputError
        If it is neither, or names an emotion twice.

    Examples
    --------
    >>> parse_label_order("raf-db")[3], parse_label_order("joy, sadness")
    ('happy', ('happy', 'sad'))
    """
    if isinstance(value, str):
        known = LABEL_ORDERS.get(value.strip().lower())
        if known is not None:
            return known
        parts = value.split(",")
        if len(parts) == 1:
            raise InputError(
                f"got label order {value!r}, expected one of {', '.join(LABEL_ORDERS)}, or the "
                "emotions by label; choose one"
            )
    else:
        parts = list(value)
    order = tuple(parse_emotion(part) for part in parts)
    if len(order) < 2 or len(set(order)) < len(order):
        raise InputError(
            f"got label order {', '.join(order) or 'without emotions'}, expected two or more "
            "emotions, each once; list one for each label"
        )
    return order
