"""Hair styles, beards and glasses, and how often people wear them."""

import numpy as np

__all__ = ["HAIR_STYLES", "choose_styles"]

HAIR_STYLES: dict[str, tuple[float, float, dict[str, tuple[float, float]]]] = {
    # name: (weight among women, among men, {parameter: (mean, half range)})
    "cropped": (0.03, 0.17, {
        "hair_length": (0.03, 0.03), "hair_volume": (0.030, 0.015), "fringe": (0.0, 0.0),
        "hair_line": (-0.50, 0.03), "hair_lift": (0.05, 0.05), "hair_recede": (0.15, 0.15)}),
    "short": (0.05, 0.24, {
        "hair_length": (0.09, 0.05), "hair_volume": (0.085, 0.025), "fringe": (0.16, 0.12),
        "hair_line": (-0.49, 0.03), "hair_lift": (0.25, 0.25), "hair_recede": (0.10, 0.10)}),
    "swept": (0.02, 0.16, {
        "hair_length": (0.08, 0.05), "hair_volume": (0.085, 0.025), "fringe": (0.0, 0.0),
        "hair_line": (-0.49, 0.03), "hair_lift": (0.80, 0.20), "hair_recede": (0.20, 0.20)}),
    "receding": (0.0, 0.13, {
        "hair_length": (0.06, 0.05), "hair_volume": (0.050, 0.020), "fringe": (0.0, 0.0),
        "hair_line": (-0.54, 0.03), "hair_lift": (0.10, 0.10), "hair_recede": (0.42, 0.10)}),
    "bald": (0.0, 0.06, {
        "hair_length": (0.02, 0.02), "hair_volume": (0.025, 0.010), "fringe": (0.0, 0.0),
        "hair_line": (-0.55, 0.02), "hair_lift": (0.0, 0.0), "hair_recede": (0.95, 0.05)}),
    "curly": (0.10, 0.12, {
        "hair_length": (0.12, 0.08), "hair_volume": (0.110, 0.025), "fringe": (0.12, 0.10),
        "hair_line": (-0.48, 0.03), "hair_curl": (0.75, 0.20), "hair_lift": (0.3, 0.2)}),
    "afro": (0.10, 0.06, {
        "hair_length": (0.10, 0.08), "hair_volume": (0.165, 0.035), "fringe": (0.02, 0.02),
        "hair_line": (-0.47, 0.03), "hair_curl": (0.95, 0.05), "hair_lift": (0.0, 0.0)}),
    "tied": (0.18, 0.02, {
        "hair_length": (0.10, 0.05), "hair_volume": (0.065, 0.025), "fringe": (0.03, 0.03),
        "hair_line": (-0.50, 0.03), "hair_tied": (0.95, 0.05)}),
    "bob": (0.18, 0.01, {
        "hair_length": (0.57, 0.06), "hair_volume": (0.115, 0.030), "fringe": (0.25, 0.25),
        "hair_wave": (0.15, 0.15)}),
    "straight": (0.17, 0.02, {
        "hair_length": (0.92, 0.10), "hair_volume": (0.105, 0.025), "fringe": (0.22, 0.22),
        "hair_wave": (0.10, 0.10)}),
    "wavy": (0.17, 0.01, {
        "hair_length": (0.86, 0.12), "hair_volume": (0.130, 0.025), "fringe": (0.12, 0.12),
        "hair_wave": (0.80, 0.20), "hair_curl": (0.15, 0.15)}),
}  # fmt: skip
"""Recipes of hair: points in the renderer's continuous hair parameters, with a spread."""

_PLAIN = {"hair_curl": (0.05, 0.05), "hair_tied": (0.0, 0.0), "hair_recede": (0.0, 0.0),
          "hair_lift": (0.0, 0.0), "hair_wave": (0.3, 0.2)}  # fmt: skip
_WITH_GLASSES = 0.20
_BEARDS = (
    # share of men, beard, moustache
    (0.60, (0.0, 0.0), (0.0, 0.0)),
    (0.17, (0.85, 0.15), (0.85, 0.15)),
    (0.10, (0.45, 0.10), (0.55, 0.15)),
    (0.07, (0.0, 0.0), (0.90, 0.10)),
    (0.06, (0.80, 0.15), (0.10, 0.10)),
)


def choose_styles(
    people: np.ndarray, column: dict[str, int], masculine: np.ndarray, rng: np.random.Generator
) -> None:
    """Give people (n, F) a hair style each, some a beard and some glasses, in place.

    Dark skin goes with dark hair and eyes more often than not, and few wear grey hair young.
    """
    n = len(people)
    squashed = np.tanh(1.1 * rng.standard_normal((n, len(column))))

    def put(rows: np.ndarray, name: str, mean: float, half: float) -> None:
        people[rows, column[name]] = mean + half * squashed[rows, column[name]]

    pick = rng.random(n)
    for sex, weight in ((False, 0), (True, 1)):
        weights = np.array([style[weight] for style in HAIR_STYLES.values()])
        style = np.searchsorted(np.cumsum(weights / weights.sum()), pick).clip(max=len(weights) - 1)
        for k, (_, _, recipe) in enumerate(HAIR_STYLES.values()):
            rows = (style == k) & (masculine == sex)
            for name, (mean, half) in {**_PLAIN, **recipe}.items():
                put(rows, name, mean, half)
    bearded = rng.random(n)
    kind = np.searchsorted(np.cumsum([share for share, _, _ in _BEARDS]), bearded)
    for k, (_, beard, moustache) in enumerate(_BEARDS):
        rows = (kind.clip(max=len(_BEARDS) - 1) == k) & masculine
        put(rows, "beard", *beard)
        put(rows, "moustache", *moustache)
    people[~masculine, column["beard"]] = people[~masculine, column["moustache"]] = 0.0
    people[:, column["glasses"]] = rng.random(n) < _WITH_GLASSES
    for name in ("glasses_round", "glasses_weight"):
        people[:, column[name]] = rng.random(n)
    dark = 1 / (1 + np.exp(-(people[:, column["skin_tone"]] - 0.55) / 0.06))
    for name in ("hair_colour", "iris_colour"):
        people[:, column[name]] *= 1 - 0.72 * dark
