"""Faces in photos: finding them, cutting them out upright, and putting them back.

`prepare_face` decides what a picture needs; `detect`, `landmarks` and `align` are its steps, and
`paste_back` is the way home; `pencil_sketch` draws what was cut out. dlib is loaded when the first
face is looked for.
"""

from icaedit.faces.detection import Box, detect
from icaedit.faces.ffhq import Aligned, align
from icaedit.faces.landmark_file import read_landmarks, save_landmarks
from icaedit.faces.paste import BLENDS, paste_back
from icaedit.faces.predictor import landmarks
from icaedit.faces.prepare import ALIGN_MODES, PreparedFace, prepare_face, prepare_faces
from icaedit.images import pencil_sketch, sketch_kernel_size, sketch_steps

__all__ = [
    "ALIGN_MODES",
    "BLENDS",
    "Aligned",
    "Box",
    "PreparedFace",
    "align",
    "detect",
    "landmarks",
    "paste_back",
    "pencil_sketch",
    "prepare_face",
    "prepare_faces",
    "read_landmarks",
    "save_landmarks",
    "sketch_kernel_size",
    "sketch_steps",
]
