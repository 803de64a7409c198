"""Between the colours that a file stores and the sRGB that models and screens read."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

__all__ = ["colour_change", "to_srgb"]

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as Pillow weighs the channels of RGB


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture of mode L, RGB or CMYK as RGB in sRGB.

    Parameters
    ----------
    picture : PIL.Image.Image
    profile : bytes or None
        Its ICC profile. None, one that cannot be read and one for another kind of colour count
        as sRGB (and as plain inks for CMYK).

    Examples
    --------
    >>> to_srgb(Image.new("L", (2, 2), 7), None).getpixel((0, 0))
    (7, 7, 7)
    """
    known = _opened(profile)
    if known is not None:
        try:
            return ImageCms.profileToProfile(picture, known, _srgb(), outputMode="RGB")
        except ImageCms.PyCMSError:
            pass
    return picture.convert("RGB")


def colour_change(
    before: NDArray[np.uint8], after: NDArray[np.uint8], mode: str, profile: bytes | None
) -> NDArray[np.float64]:
    """Return how the stored colours change when a picture in sRGB does.

    Both pictures are taken to the stored colours in the same way and subtracted, so that
    whatever that way loses is lost from both and drops out.

    Parameters
    ----------
    before, after : ndarray of shape (H, W, 3), uint8
        In sRGB.
    mode : {"L", "RGB", "CMYK"}
    profile : bytes or None
        As in `to_srgb`.

    Returns
    -------
    ndarray of shape (H, W, 1), (H, W, 3) or (H, W, 4), float64
        In levels of 0 to 255; 0 where the pictures agree. For inks without a profile, as if
        there were no black.

    Examples
    --------
    >>> dark, light = np.full((1, 1, 3), 10, np.uint8), np.full((1, 1, 3), 30, np.uint8)
    >>> colour_change(dark, light, "CMYK", None).tolist()
    [[[-20.0, -20.0, -20.0, 0.0]]]
    """
    known = _opened(profile)
    if known is not None:
        try:
            stored = [
                np.asarray(
                    ImageCms.profileToProfile(
                        Image.fromarray(pixels), _srgb(), known, outputMode=mode
                    ),
                    dtype=np.float64,
                )
                for pixels in (before, after)
            ]
            return (stored[1] - stored[0]).reshape(*before.shape[:2], -1)
        except ImageCms.PyCMSError:
            pass
    change = after.astype(np.float64) - before
    if mode == "L":
        return (change @ _LUMA)[..., None]
    if mode == "CMYK":
        return np.concatenate([-change, np.zeros_like(change[..., :1])], axis=2)
    return change


def _opened(profile: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """Return a profile that says something other than sRGB, if it can be read."""
    if not profile:
        return None
    try:
        known = ImageCms.getOpenProfile(io.BytesIO(profile))
        described = ImageCms.getProfileDescription(known)
    except (ImageCms.PyCMSError, OSError):
        return None
    # a conversion from sRGB to sRGB would only round
    return None if "srgb" in described.lower().replace(" ", "") else known


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
