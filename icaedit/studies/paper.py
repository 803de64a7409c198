"""What the paper reports (Lee & Yoo 2022, Tables 1 to 5), and where its tables disagree."""

from collections.abc import Mapping

__all__ = [
    "CONTRADICTIONS",
    "PAPER_ACCURACY",
    "PAPER_COORDINATES",
    "PAPER_COSTS",
    "paper_accuracy",
]

_ORDER = ("dan", "dacl", "rul")

PAPER_ACCURACY: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "raf-db": {
        "without": (74.0, 70.4, 67.7),
        "full": (83.2, 81.2, 77.0),
        "median mask": (84.0, 82.0, 78.2),
        "mean mask": (84.3, 82.8, 78.4),
    },
    "ck+": {
        "without": (63.7, 67.1, 42.3),
        "full": (72.1, 68.0, 63.0),
        "median mask": (72.6, 69.2, 68.2),
        "mean mask": (73.4, 70.1, 70.3),
    },
    "kdef": {
        "without": (81.3, 84.6, 72.8),
        "full": (82.7, 84.7, 78.2),
        "median mask": (83.5, 85.2, 80.8),
        "mean mask": (84.2, 85.8, 83.0),
    },
}
"""Accuracy in percent of DAN, DACL and RUL: "without" from Table 1, the rest from Tables 2 to 4
with their captions and headers put right, see `CONTRADICTIONS`."""

PAPER_COORDINATES: Mapping[str, int] = {
    "without": 0,
    "full": 9216,
    "median mask": 2194,
    "mean mask": 1638,
}
"""Coordinates of the latents in Tables 2 to 4; "9126" there is 18 x 512 = 9216."""

PAPER_COSTS: Mapping[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "dan": ((6, 150), (12, 270)),
    "dacl": ((43, 400), (49, 520)),
    "rul": ((42, 380), (48, 500)),
}
"""Table 5: milliseconds and megabytes, without and with the latents."""

CONTRADICTIONS: tuple[str, ...] = (
    "Tables 2 and 4 carry each other's caption. The row Mean is what Table 1 calls \"with "
    'Latent-PER": in Table 2, captioned RAF-DB, it is 84.2, 85.8, 83.0, which is KDEF in Table 1; '
    "in Table 4, captioned KDEF, it is 84.3, 78.4, 82.8, which is RAF-DB.",
    "The header DAN, RUL, DACL fits Tables 3 and 4. Table 2 has the columns of Table 1, DAN, DACL, "
    "RUL, under the same header.",
    "RUL on RAF-DB with the mean mask is 78.2 % in Table 1 and 78.4 % in Table 4.",
    "The full latent is called 9126 coordinates; 18 x 512 is 9216. 1638 of these are 17.8 %, which "
    "the text rounds to 17, and 2194 are 23.8 %.",
    "A median of the very numbers that are compared keeps half of them, 4608, and not 2194. One "
    "side of a signed vector against the mean or median of that side keeps about these shares of "
    "a vector of one emotion; the union over seven emotions keeps far more.",
    '"Threshold 0" stands for the full latent, but the Thresholded ReLU of equation 11 with h = 0 '
    "would drop every negative coordinate.",
    "Table 1 cites DAN, DACL and RUL as [21], [22], [23]; in the list of references they are [29], "
    "[30], [31], and [21] to [23] are MTCNN, StyleGAN and dlib.",
    "Table 5 adds 6 ms and 120 MB for the latents to every network. An encoder of that size does "
    "not run in 6 ms, so the latents seem to have been stored ones; and RUL's public code makes "
    "files of 55 MB, not of 380.",
    "Tables 2 to 4 say validation set, Table 1 does not say. The public code of all three networks "
    "keeps the epoch that is best on the test set.",
    "CK+ is said to have contempt and no neutral faces; the figures show neutral. How CK+ and KDEF "
    "were split, and whether people stood on both sides, is not told. Directions and mask come "
    "from KDEF, which is tested on as well.",
    "The loss is the mean squared error of seven classes (equation 2); what the targets are is not "
    "told, and the public code of the same author uses cross-entropy.",
    "Section 4.2 calls the diagonal of confusion matrices with rows by truth precision; it is "
    "recall.",
)
"""Each a sentence or two for people."""


def paper_accuracy(dataset: str, condition: str, backbone: str) -> float | None:
    """Return what the paper reports, in percent.

    Parameters
    ----------
    dataset : str
        ``"raf-db"``, ``"ck+"`` or ``"kdef"``.
    condition : str
    backbone : str

    Returns
    -------
    float or None
        None where it reports nothing of the kind.

    Examples
    --------
    >>> paper_accuracy("kdef", "mean mask", "dacl"), paper_accuracy("kdef", "random", "dacl")
    (85.8, None)
    """
    row = PAPER_ACCURACY.get(dataset, {}).get(condition)
    if row is None or backbone not in _ORDER:
        return None
    return row[_ORDER.index(backbone)]
