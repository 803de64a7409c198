"""Editing faces along emotion directions."""

from icaedit.editor.editor import Editor, default_directions
from icaedit.editor.encoded import EncodedFace, edit_encoded, encode_face
from icaedit.editor.latents import (
    edit_latents,
    needed_strengths,
    present_strengths,
    remove_expression,
)
from icaedit.editor.provenance import joined_provenance
from icaedit.editor.refinement import Refined, Refinement, refine
from icaedit.editor.results import EditResult, GroupResult

__all__ = [
    "EditResult",
    "Editor",
    "EncodedFace",
    "GroupResult",
    "Refined",
    "Refinement",
    "default_directions",
    "edit_encoded",
    "edit_latents",
    "encode_face",
    "joined_provenance",
    "needed_strengths",
    "present_strengths",
    "refine",
    "remove_expression",
]
