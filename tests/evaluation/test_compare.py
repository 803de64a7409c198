import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.evaluation import Contestant, Faces, IdentifiedBy, compare_methods
from icaedit.evaluation.compare import MOST


def contestant(painting, name="planted", **changes):
    rows = painting.posed[1:].copy()
    for (row, layer, channel), value in changes.get("add", {}).items():
        rows[row, layer, channel] += value
    rows = rows * changes.get("factor", 1.0)
    return Contestant(name, ("happy", "sad"), rows[:, None].astype(np.float32), "none")


def compare(painting, *contestants, **options):
    return compare_methods(
        painting.model, contestants, faces=options.pop("faces", painting.faces),
        fitted=painting.fitted, scorer=painting.scorer, **options,
    )  # fmt: skip


def mean(comparison, measure, emotion="happy", method="planted"):
    return comparison.summary(method, measure, emotion).mean


@pytest.mark.parametrize("fraction", [0.25, 0.5, 1.0])
def test_every_method_moves_the_target_by_the_same_share_of_the_posed_change(painting, fraction):
    weak = contestant(painting, "weak", factor=0.3)
    comparison = compare(painting, contestant(painting), weak, fraction=fraction)
    assert comparison.methods == ("planted", "weak", "own-face")
    for method in comparison.methods:
        for emotion in ("happy", "sad"):
            gain = mean(comparison, "gain", emotion, method)
            assert gain == pytest.approx(fraction, rel=0.03)
            assert comparison.matches[method, emotion].reached
    ratio = comparison.matches["weak", "happy"].scale / comparison.matches["planted", "happy"].scale
    assert ratio == pytest.approx(1 / 0.3, rel=0.05)


def test_a_clean_edit_leaves_everything_else_alone(painting):
    comparison = compare(painting, contestant(painting))
    assert comparison.attributes["happy"] == ("sad", "yaw")
    assert mean(comparison, "mean-AD") == 0
    assert mean(comparison, "identity") == pytest.approx(1)
    assert mean(comparison, "outside") == 0
    assert mean(comparison, "monotone") == pytest.approx(1)
    assert comparison.summary("planted", "additive").mean == pytest.approx(1)


def test_dependency_counts_in_deviations_of_the_fitted_people(painting):
    comparison = compare(painting, contestant(painting))
    # sad moves the yaw by a third of itself, and yaw is 2 for a third of the fitted pictures
    yaw, deviation = 0.5 * 2.0, np.std([0.0, 0.0, 2.0])
    most = mean(comparison, "max-AD", "sad")
    assert most == pytest.approx(yaw / deviation, rel=0.03)
    # the others are happy, smile and yaw, of which yaw alone moves
    assert mean(comparison, "mean-AD", "sad") == pytest.approx(most / 3)


def test_pixels_count_outside_the_window_only(painting):
    comparison = compare(painting, contestant(painting, add={(0, 1, 3): 12.0}))
    # row 7 moves by 12 against happy's 6: at half the posed change 60 levels of one channel in
    # half a row, of the six or four rows outside the window
    people = comparison.values["planted", "happy"]["outside"]
    assert people == pytest.approx(60 / 3 / 2 / np.array([6, 6, 6, 4, 4, 4]), rel=0.03)
    assert mean(comparison, "identity") < 0.99


def test_a_method_that_cannot_get_there_is_reported_as_such(painting):
    stuck = contestant(painting, factor=0.25 / MOST)
    comparison = compare(painting, stuck)
    assert comparison.reached("planted") == ()
    assert not comparison.matches["planted", "happy"].reached
    assert mean(comparison, "gain") == pytest.approx(0.25, rel=0.03)
    assert np.isnan(comparison.summary("planted", "mean-AD").mean)
    assert comparison.reached("own-face") == ("happy", "sad")


def test_a_method_without_a_direction_changes_nothing(painting):
    nothing = Contestant("none", ("happy",), np.zeros((1, 1, 2, 4), np.float32), "none")
    comparison = compare(painting, nothing)
    assert mean(comparison, "gain", method="none") == 0
    assert mean(comparison, "distance", method="none") == 0
    assert comparison.reached("none") == ()


def test_the_reference_moves_each_person_from_neutral_to_their_own_pose(painting):
    painting.faces.posed["happy"][0] += np.eye(8)[3].reshape(2, 4) * 5  # something of this person's
    comparison = compare(painting, contestant(painting))
    assert mean(comparison, "distance", "sad", "own-face") == pytest.approx(0.5, rel=0.03)
    assert mean(comparison, "identity", "sad", "own-face") == pytest.approx(1)
    outside = comparison.values["own-face", "happy"]["outside"]
    assert outside[0] > 0 and (outside[1:] == 0).all()


def test_the_reference_needs_the_faces_own_expressions(painting):
    faces = Faces(painting.faces.identity, painting.faces.neutral)
    assert compare(painting, contestant(painting), faces=faces).methods == ("planted",)


def test_distance_is_the_length_of_the_edit_as_a_share_of_the_posed_ones(painting):
    comparison = compare(painting, contestant(painting), contestant(painting, "weak", factor=0.3))
    assert mean(comparison, "distance") == pytest.approx(0.5, rel=0.03)
    assert mean(comparison, "distance", method="weak") == pytest.approx(0.5, rel=0.03)


def test_edits_that_hinder_each_other_are_less_than_additive(painting):
    model = painting.model

    class Clipped:
        size = model.size

        def synthesize(self, latents):
            codes = np.array(latents)
            both = (codes[:, 0, 0] > 1) & (codes[:, 0, 1] > 1)
            codes[both, 0, :2] /= 2
            return model.synthesize(codes)

    painting.model = Clipped()
    assert compare(painting, contestant(painting)).summary("planted", "additive").mean < 0.8


@pytest.mark.parametrize("chunk", [1, 5, 6, 7])
def test_no_face_is_lost_or_moved_by_chunks(painting, chunk, monkeypatch):
    from icaedit.evaluation import editing

    whole = compare(painting, contestant(painting))
    monkeypatch.setattr(editing, "CHUNK", chunk)
    again = compare(painting, contestant(painting))
    for key, measures in whole.values.items():
        for name, values in measures.items():
            np.testing.assert_array_equal(values, again.values[key][name])


def test_another_network_may_say_who_it_is(painting):
    calls = []

    def embed(images):
        calls.append(len(images))
        return images[:, 0, 0, :2].astype(float)  # happy makes it lean from (1, 1) towards red

    painting.scorer = IdentifiedBy(painting.scorer, embed)
    comparison = compare(painting, contestant(painting))
    expected = (130 + 100) / np.hypot(130, 100) / np.sqrt(2)
    assert mean(comparison, "identity") == pytest.approx(expected, abs=1e-3)
    assert mean(comparison, "identity", "sad") == pytest.approx(1)
    # once before, and once for each edit: not all along the search
    assert calls == [6] * (1 + 2 * 2)


def test_progress_ends_where_it_said(painting):
    calls = []
    compare(painting, contestant(painting), progress=lambda *call: calls.append(call))
    assert calls == [(done, 6) for done in range(1, 7)]


def test_unusable_requests_are_refused(painting):
    one = contestant(painting)
    with pytest.raises(InputError, match="each once"):
        compare(painting, one, one)
    with pytest.raises(InputError, match="above 0"):
        compare(painting, one, fraction=0.0)
    other = Contestant("other", ("afraid",), one.displacements[:1], "none")
    with pytest.raises(InputError, match="without an emotion"):
        compare(painting, one, other)
    painting.fitted = painting.fitted.select(painting.fitted.emotion != "sad")
    with pytest.raises(InputError, match="posing sad does not raise"):
        compare(painting, one)
