"""Pictures as uint8 RGB arrays: reading, writing, resizing, drawing and their float form."""

from icaedit.images.encoding import PHOTO_SUFFIXES
from icaedit.images.photo import Photo, photo_suffix, save_photo
from icaedit.images.pixels import check_image, resize, to_float, to_uint8
from icaedit.images.provenance import COMPOSITE, GENERATED, provenance_in, read_provenance
from icaedit.images.reading import read_image, read_photo
from icaedit.images.sketch import SKETCH_STEPS, pencil_sketch, sketch_kernel_size, sketch_steps
from icaedit.images.writing import encode_image, save_gif, save_image

__all__ = [
    "COMPOSITE",
    "GENERATED",
    "PHOTO_SUFFIXES",
    "Photo",
    "SKETCH_STEPS",
    "check_image",
    "encode_image",
    "pencil_sketch",
    "photo_suffix",
    "provenance_in",
    "read_image",
    "read_photo",
    "read_provenance",
    "resize",
    "save_gif",
    "save_image",
    "save_photo",
    "sketch_kernel_size",
    "sketch_steps",
    "to_float",
    "to_uint8",
]
