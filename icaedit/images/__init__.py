"""Pictures as uint8 RGB arrays: reading, writing, resizing, drawing and their float form."""

from icaedit.images.pixels import check_image, resize, to_float, to_uint8
from icaedit.images.reading import read_image
from icaedit.images.sketch import pencil_sketch, sketch_kernel_size
from icaedit.images.writing import encode_image, save_gif, save_image

__all__ = [
    "check_image",
    "encode_image",
    "pencil_sketch",
    "read_image",
    "resize",
    "save_gif",
    "save_image",
    "sketch_kernel_size",
    "to_float",
    "to_uint8",
]
