"""The vocabulary shared by every room: emotions, views, methods and thresholds."""

import math
from collections.abc import Iterable

from icaedit.errors import InputError

__all__ = [
    "COMPARED_METHODS",
    "EMOTIONS",
    "EMOTION_OF_KDEF_CODE",
    "KDEF_CODES",
    "METHODS",
    "SIDES",
    "THRESHOLD_NAMES",
    "VIEWS",
    "parse_compared_methods",
    "parse_emotion",
    "parse_threshold",
    "parse_views",
    "style_layers",
]

EMOTIONS = ("neutral", "happy", "sad", "surprised", "angry", "disgusted", "afraid")
"""KDEF's seven emotions, in the order used everywhere."""

KDEF_CODES = {
    "neutral": "NE",
    "happy": "HA",
    "sad": "SA",
    "surprised": "SU",
    "angry": "AN",
    "disgusted": "DI",
    "afraid": "AF",
}
EMOTION_OF_KDEF_CODE = {code: emotion for emotion, code in KDEF_CODES.items()}

VIEWS = ("FL", "HL", "S", "HR", "FR")
"""KDEF's camera angles: full left, half left, straight, half right, full right."""

METHODS = ("group-ica", "paper", "mean-difference", "pca", "svm")
COMPARED_METHODS = (
    "group-ica",
    "component",
    "paper",
    "mean-difference",
    "pca",
    "ganspace",
    "svm",
    "svm-conditional",
    "sefa",
)
"""Methods that `icaedit.evaluation` compares; its ``CONTESTANTS`` says what each is."""

THRESHOLD_NAMES = ("mean", "median", "none", "fdr")
SIDES = ("one", "two")
"""Whether a threshold keeps large positive entries only, or large negative ones as well."""

_ALIASES = {
    "neutral": ("ne", "neu", "neutrality"),
    "happy": ("ha", "hap", "happiness", "joy", "joyful", "smile", "smiling"),
    "sad": ("sa", "sadness", "sorrow"),
    "surprised": ("su", "sur", "sp", "surprise"),
    "angry": ("an", "ang", "anger"),
    "disgusted": ("di", "dis", "disgust"),
    "afraid": ("af", "fe", "fea", "fear", "fearful", "scared"),
    "contempt": ("co", "con", "contemptuous"),
}
_EMOTION_OF_ALIAS = {
    alias: emotion
    for emotion, aliases in _ALIASES.items()
    for alias in (emotion, *aliases)
}


def parse_emotion(text: str) -> str:
    """Return the canonical name of an emotion.

    Parameters
    ----------
    text : str
        A name, an alias or a KDEF code, in any case: ``"Happiness"``, ``"joy"``, ``"HA"``.

    Returns
    -------
    str
        One of `EMOTIONS`, or ``"contempt"``.

    Raises
    ------
    InputError
        If the text names no emotion.

    Examples
    --------
    >>> parse_emotion("Joy"), parse_emotion("AF")
    ('happy', 'afraid')
    """
    emotion = _EMOTION_OF_ALIAS.get(str(text).strip().lower())
    if emotion is None:
        raise InputError(
            f"got emotion {str(text)!r}, expected one of {', '.join(EMOTIONS)} or an alias "
            "such as joy, fear, HA; check the spelling"
        )
    return emotion


def parse_compared_methods(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return names of methods to compare, in the order given and each once.

    Parameters
    ----------
    value : str or iterable of str
        ``"pca,svm"`` or a sequence of names of `COMPARED_METHODS`.

    Raises
    ------
    InputError
        If a name is unknown or none is given.

    Examples
    --------
    >>> parse_compared_methods("svm, PCA")
    ('svm', 'pca')
    """
    parts = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    names = tuple(dict.fromkeys(str(part).strip().lower() for part in parts))
    if not names or not set(names) <= set(COMPARED_METHODS):
        raise InputError(
            f"got methods {value!r}, expected some of {', '.join(COMPARED_METHODS)}; separate "
            "several by commas"
        )
    return names


def parse_threshold(value: str | float) -> str | float:
    """Return a threshold rule as a name of `THRESHOLD_NAMES` or as a number.

    Parameters
    ----------
    value : str or float
        ``"mean"``, ``"median"``, ``"none"``, ``"fdr"``, or a number of at least 0: the least
        absolute size, in latent units, of a coordinate that is kept.

    Raises
    ------
    InputError
        If the value is neither.

    Examples
    --------
    >>> parse_threshold("Mean"), parse_threshold("0.25")
    ('mean', 0.25)
    """
    text = str(value).strip().lower()
    if text in THRESHOLD_NAMES:
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InputError(
            f"got threshold {value!r}, expected {', '.join(THRESHOLD_NAMES)} or a number of at "
            "least 0; use mean if unsure"
        )
    return number


def parse_views(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return camera angles in the order of `VIEWS`, each once.

    Parameters
    ----------
    value : str or iterable of str
        ``"S"``, ``"HL,S,HR"``, ``"all"`` or a sequence of the codes in `VIEWS`.

    Raises
    ------
    InputError
        If a code is unknown or none is given.

    Examples
    --------
    >>> parse_views("hr, S")
    ('S', 'HR')
    """
    parts = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    wanted = {str(part).strip().upper() for part in parts}
    if wanted == {"ALL"}:
        return VIEWS
    unknown = sorted(wanted - set(VIEWS))
    if unknown or not wanted:
        raise InputError(
            f"got views {value!r}, expected some of {', '.join(VIEWS)} or all; "
            "separate several by commas"
        )
    return tuple(view for view in VIEWS if view in wanted)


def style_layers(size: int) -> int:
    """Return L, the number of style layers of a StyleGAN2 generator of an image size.

    ``L = 2 log2(size) - 2`` (Karras et al. 2020: two per resolution from 4 px up).

    Parameters
    ----------
    size : int
        Side of the square image in pixels, a power of two of at least 8.

    Raises
    ------
    InputError
        If the size is no such power of two.

    Examples
    --------
    >>> style_layers(1024), style_layers(64)
    (18, 10)
    """
    if size < 8 or size & (size - 1):
        raise InputError(f"got image size {size}, expected a power of two of at least 8; use 64")
    return 2 * (size.bit_length() - 1) - 2
