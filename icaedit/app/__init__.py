"""The page in the browser: faces edited by sliders, on this machine.

`Studio` and `Sitting` are the logic, which knows no browser: open a picture, choose a face, encode
it once, edit it again and again. `build_page` and `serve` put Gradio in front of it, which is
imported only then.
"""

from icaedit.app.commands import Request
from icaedit.app.fits import Fits, cached_portraits, rethresholded
from icaedit.app.gallery import Portrait, make_gallery
from icaedit.app.sitting import Sitting
from icaedit.app.studio import Edited, Studio, Swept

__all__ = [
    "Edited",
    "Fits",
    "Portrait",
    "Request",
    "Sitting",
    "Studio",
    "Swept",
    "cached_portraits",
    "make_gallery",
    "rethresholded",
]
