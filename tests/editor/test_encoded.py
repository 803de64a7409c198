"""Faces that are encoded once and edited again and again."""

import numpy as np
import pytest

from icaedit.editor import Editor, edit_encoded, encode_face
from icaedit.errors import InputError
from icaedit.faces import prepare_face

EDITS = [
    {"add": {"happy": 3.0, "sad": -1.0}},
    {"add": {"happy": 0.0}},
    {"set": {"angry": 2.0}},
    {"add": {"sad": 1.0}, "neutralize": True},
    {"neutralize": True, "blend": "replace"},
]
NEUTRAL = {"neutral_score": {"happy": 0.1, "sad": -0.2, "angry": 0.0}}


@pytest.mark.parametrize("edit", EDITS, ids=str)
@pytest.mark.parametrize("shape", [(32, 32), (120, 90)])
def test_an_encoded_face_is_edited_as_the_editor_does_it_bit_for_bit(
    model, make_directions, edit, shape
):
    photo = np.random.default_rng(4).integers(0, 256, (*shape, 3), dtype=np.uint8)
    points = None
    if shape[0] != shape[1]:
        points = np.array([(30, 40), (60, 40), (45, 60), (33, 75), (57, 75)], float)
    editor = Editor(model, make_directions(provenance=NEUTRAL))
    options = dict(edit)
    expected = editor.edit(photo, options.pop("add", None), landmarks=points, **options)
    encoded = encode_face(photo, prepare_face(photo, landmarks=points), model)
    result = edit_encoded(encoded, editor, **edit)
    for name in ("image", "aligned", "reconstruction", "edited", "latents", "start_latents"):
        assert np.array_equal(getattr(result, name), getattr(expected, name)), name
    assert result.strengths == expected.strengths and result.present == expected.present


def test_nothing_that_was_encoded_is_changed_by_an_edit(model, directions, face):
    encoded = encode_face(face, prepare_face(face), model)
    before = encoded.latents.copy(), encoded.reconstruction.copy(), face.copy()
    result = edit_encoded(encoded, Editor(model, directions), add={"happy": 5.0})
    result.start_latents[:] = 0
    after = encoded.latents, encoded.reconstruction, face
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_an_unknown_blend_is_refused(model, directions, face):
    encoded = encode_face(face, prepare_face(face), model)
    with pytest.raises(InputError, match="blend 'mixed'"):
        edit_encoded(encoded, Editor(model, directions), blend="mixed")
