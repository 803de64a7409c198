"""The page's answers, without a browser."""

import numpy as np
import pytest

from icaedit.app import Request, Studio
from icaedit.app.handlers import NOTHING_OPEN, Handlers, answered
from icaedit.editor import Editor
from icaedit.errors import InputError

NOTHING, HAPPY = Request({"happy": 0.0}), Request({"happy": 2.7})


@pytest.fixture
def handlers(studio, tmp_path):
    return Handlers(studio, tmp_path)


def test_a_portrait_that_is_opened_is_shown_with_what_is_asked_already(handlers, studio):
    opened = handlers.portrait(1, HAPPY, None, "picture")
    expected = studio.edit(studio.open_portrait(1), HAPPY, studio.directions)
    assert np.array_equal(opened.view.edited, expected.result.edited)
    assert opened.view.command.splitlines() == [opened.sitting.origin, expected.command]
    assert "Present in this face now" in opened.present and opened.numbers == (1,)
    assert "taken as it is, as an aligned face" in opened.found


def test_both_sides_of_the_comparison_have_one_size(handlers, astronaut, points):
    for opened in (
        handlers.portrait(0, HAPPY, None, "picture"),
        handlers.portrait(0, HAPPY, None, "reconstruction"),
        handlers.upload(astronaut, points, HAPPY, None, "picture"),
        handlers.upload(astronaut, points, HAPPY, None, "reconstruction"),
    ):
        before, after = opened.view.compare
        assert before.shape == after.shape and len(before) >= 256
        assert not np.array_equal(before, after)


def test_a_photo_is_compared_whole_and_a_face_with_its_reconstruction(
    handlers, astronaut, points
):
    whole = handlers.upload(astronaut, points, NOTHING, None, "picture")
    assert np.array_equal(*whole.view.compare)  # nothing was asked
    assert whole.view.compare[0].shape == (512, 512, 3)
    face = handlers.view(whole.sitting, HAPPY, None, "reconstruction").compare
    assert face[0].shape == (256, 256, 3)


def test_a_click_on_another_face_chooses_it(handlers, astronaut, points):
    opened = handlers.upload(astronaut, points, NOTHING, None, "picture")
    assert "2 faces found, face 1 is chosen" in opened.found and opened.numbers == (1, 2)
    place = opened.sitting.faces[1].quad.mean(axis=0)
    number = handlers.number_at(opened.sitting, place.tolist())
    chosen = handlers.choose(opened.sitting, number, NOTHING, None, "picture")
    assert "face 2 is chosen" in chosen.found and "--face 2" in chosen.view.command
    with pytest.raises(InputError, match="no face at that place"):
        handlers.number_at(opened.sitting, [505, 10])


def test_without_a_picture_there_is_one_line_to_read(handlers):
    for ask in (
        lambda: handlers.view(None, HAPPY, None, "picture"),
        lambda: handlers.save(None, HAPPY, None),
        lambda: handlers.sweep(None, "happy", (0.0, 1.0, 2), None, neutralize=False),
    ):
        found, complaint = answered(ask, handlers.told)
        assert found is None and NOTHING_OPEN in complaint


def test_an_answer_that_is_no_complaint_is_handed_on(handlers):
    assert answered(lambda: 3, handlers.told) == (3, "")
    with pytest.raises(ZeroDivisionError):
        answered(lambda: 1 / 0, handlers.told)


def test_other_directions_change_edit_marks_and_map(handlers, studio, sitting):
    fitted = handlers.fit("svm", "none", None)
    given = handlers.fitted(studio.directions)
    assert "svm, threshold none: 100% of the coordinates kept." in fitted.told
    assert fitted.marks != given.marks and fitted.layers != given.layers
    one = handlers.view(sitting, HAPPY, None, "picture")
    other = handlers.view(sitting, HAPPY, fitted.directions, "picture")
    assert not np.array_equal(one.edited, other.edited)


def test_directions_that_do_not_tell_what_is_present_say_so(model, studio, tmp_path, aligned):
    alone = Studio(Editor(model, studio.directions))  # nothing to fit to
    handlers = Handlers(alone, tmp_path)
    fitted = handlers.fit("group-ica", "median", None)
    assert "The mask is taken anew" in fitted.told
    opened = handlers.upload(aligned, None, HAPPY, fitted.directions, "picture")
    assert "do not tell what is present" in opened.present
    with pytest.raises(InputError, match="neutral"):
        handlers.view(opened.sitting, Request({}, True), fitted.directions, "picture")


def test_each_save_and_sweep_has_a_folder_of_its_own(handlers, sitting):
    first, second = (handlers.save(sitting, HAPPY, None) for _ in range(2))
    assert not set(first) & set(second)
    strip, animation, command = handlers.sweep(
        sitting, "sad", (0.0, 3.0, 2), None, neutralize=False
    )
    assert strip.endswith("sweep.png") and animation.endswith("sweep.gif")
    assert command.startswith("icaedit sweep")
