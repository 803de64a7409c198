"""The parameters of a portrait: what each is called, where it lies, and how people are drawn."""

from dataclasses import dataclass

import numpy as np

from icaedit.errors import InputError
from icaedit.portraits.expressions import ACTION_UNITS
from icaedit.portraits.styles import choose_styles

__all__ = [
    "CONTEXT",
    "IDENTITY",
    "PARAMETERS",
    "PortraitParameters",
    "sample_contexts",
    "sample_identities",
]

IDENTITY: dict[str, tuple[float, float]] = {
    # name: (mean, half range); lengths in half picture widths, colours and amounts in 0..1
    "sex": (0.0, 1.0),
    "face_width": (0.560, 0.050),
    "face_length": (0.80, 0.055),
    "jaw_square": (2.45, 0.6),
    "chin_width": (0.0, 0.06),
    "cheekbone": (1.0, 0.5),
    "eye_distance": (0.262, 0.02),
    "eye_height": (-0.055, 0.02),
    "eye_width": (0.133, 0.012),
    "eye_open": (0.066, 0.010),
    "eye_tilt": (0.05, 0.10),
    "iris_colour": (0.5, 0.5),
    "lid_crease": (0.6, 0.4),
    "brow_height": (0.158, 0.022),
    "brow_thickness": (0.026, 0.010),
    "brow_arch": (0.028, 0.02),
    "brow_tilt": (0.010, 0.016),
    "nose_length": (0.300, 0.03),
    "nose_width": (0.095, 0.016),
    "nose_ridge": (1.0, 0.35),
    "nose_tip": (1.0, 0.3),
    "mouth_height": (0.455, 0.02),
    "mouth_width": (0.205, 0.022),
    "upper_lip": (0.040, 0.010),
    "lower_lip": (0.052, 0.011),
    "lip_colour": (0.5, 0.5),
    "skin_tone": (0.48, 0.48),
    "skin_red": (0.5, 0.5),
    "hair_colour": (0.5, 0.5),
    "hair_length": (0.51, 0.51),
    "hair_volume": (0.11, 0.10),
    "hair_line": (-0.50, 0.05),
    "hair_part": (0.0, 1.0),
    "hair_wave": (0.5, 0.5),
    "fringe": (0.25, 0.25),
    "age": (0.35, 0.35),
    "freckles": (0.25, 0.25),
    "stubble": (0.0, 0.5),
    "expressiveness": (1.0, 0.12),
    "asymmetry": (0.0, 0.16),
    "hair_curl": (0.5, 0.5),
    "hair_tied": (0.5, 0.5),
    "hair_recede": (0.5, 0.5),
    "hair_lift": (0.5, 0.5),
    "glasses": (0.5, 0.5),
    "glasses_round": (0.5, 0.5),
    "glasses_weight": (0.5, 0.5),
    "beard": (0.5, 0.5),
    "moustache": (0.5, 0.5),
}
"""Parameters that stay with a person: (mean, half range).

Hair, beard and glasses are drawn from the recipes of `icaedit.portraits.styles` instead.
"""

CONTEXT: dict[str, tuple[float, float]] = {
    "yaw": (0.0, 6.0),
    "pitch": (0.0, 4.0),
    "roll": (0.0, 2.0),
    "shift_x": (0.0, 0.015),
    "shift_y": (0.03, 0.015),
    "scale": (1.01, 0.02),
    "gaze_x": (0.0, 0.25),
    "gaze_y": (0.0, 0.15),
    "light_azimuth": (0.0, 0.8),
    "light_elevation": (0.55, 0.25),
    "light_level": (1.0, 0.10),
    "light_warmth": (0.0, 0.5),
    "background_hue": (0.5, 0.5),
    "background_level": (0.5, 0.5),
    "clothes_hue": (0.5, 0.5),
    "clothes_level": (0.5, 0.5),
    "collar": (0.5, 0.5),
}
"""Parameters of one picture: (mean, half range); degrees, yaw positive to the viewer's right."""

PARAMETERS: tuple[str, ...] = (*IDENTITY, *CONTEXT, *ACTION_UNITS)
"""Every parameter in the order of the columns of `PortraitParameters.values`."""


@dataclass(frozen=True, eq=False)
class PortraitParameters:
    """The true parameters of N portraits.

    Attributes
    ----------
    values : ndarray of shape (N, F), float32
        One row a picture, columns as in `PARAMETERS`.
    """

    values: np.ndarray

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(PARAMETERS):
            raise InputError(
                f"got portrait parameters of shape {self.values.shape}, expected "
                f"(N, {len(PARAMETERS)}); use the columns of PARAMETERS"
            )

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one column, shape (N,)."""
        return self.values[:, PARAMETERS.index(name)]

    def rows(self, index: np.ndarray | slice) -> "PortraitParameters":
        """Return some of the pictures."""
        return PortraitParameters(self.values[index])

    @property
    def action_units(self) -> np.ndarray:
        """The action units, shape (N, A), as in `icaedit.portraits.ACTION_UNITS`."""
        return self.values[:, -len(ACTION_UNITS) :]

    def replace(self, columns: dict[str, np.ndarray | float]) -> "PortraitParameters":
        """Return a copy with some columns set to new values."""
        values = self.values.copy()
        for name, value in columns.items():
            values[:, PARAMETERS.index(name)] = value
        return PortraitParameters(values)


def _draw(table: dict[str, tuple[float, float]], n: int, rng: np.random.Generator) -> np.ndarray:
    centre = np.array([mean for mean, _ in table.values()])
    half = np.array([spread for _, spread in table.values()])
    squashed = np.tanh(1.1 * rng.standard_normal((n, len(table))))
    return centre + half * squashed


def sample_identities(
    n: int, *, random_state: int | np.random.Generator = 0, first: int = 0
) -> np.ndarray:
    """Draw people.

    Half are given feminine and half masculine means of brow and jaw and styles of hair and beard,
    in turn, as KDEF numbers its models F and M. Skin tones are uniform over their range.

    Parameters
    ----------
    n : int
        Number of people.
    random_state : int or numpy Generator
        The seed.
    first : int
        Number of the first person; even numbers are feminine, odd ones masculine.

    Returns
    -------
    ndarray of shape (n, len(IDENTITY)), float64

    Examples
    --------
    >>> sample_identities(3).shape == (3, len(IDENTITY))
    True
    """
    rng = np.random.default_rng(random_state)
    people = _draw(IDENTITY, n, rng)
    column = {name: i for i, name in enumerate(IDENTITY)}
    for name in ("skin_tone", "hair_colour", "iris_colour"):
        mean, half = IDENTITY[name]
        people[:, column[name]] = rng.uniform(mean - half, mean + half, n)
    masculine = np.arange(first, first + n) % 2 == 1
    sex = np.where(masculine, 1.0, -1.0)
    people[:, column["sex"]] = sex
    shifts = {"jaw_square": 0.3, "brow_thickness": 0.005, "brow_arch": -0.008,
              "brow_height": -0.008, "face_width": 0.012, "upper_lip": -0.004,
              "lower_lip": -0.005, "nose_width": 0.005}  # fmt: skip
    for name, shift in shifts.items():
        people[:, column[name]] += shift * sex
    people[:, column["stubble"]] = np.where(
        masculine, np.clip(people[:, column["stubble"]], 0, None), 0.0
    )
    choose_styles(people, column, masculine, rng)
    return people


def sample_contexts(n: int, *, random_state: int | np.random.Generator = 0) -> np.ndarray:
    """Draw the circumstances of n pictures: pose, light, background, clothes.

    Returns
    -------
    ndarray of shape (n, len(CONTEXT)), float64

    Examples
    --------
    >>> sample_contexts(2).shape == (2, len(CONTEXT))
    True
    """
    return _draw(CONTEXT, n, np.random.default_rng(random_state))
