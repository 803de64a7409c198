"""Editing faces along emotion directions."""

from icaedit.editor.editor import Editor, EditResult, default_directions
from icaedit.editor.latents import edit_latents, present_strengths, remove_expression

__all__ = [
    "EditResult",
    "Editor",
    "default_directions",
    "edit_latents",
    "present_strengths",
    "remove_expression",
]
