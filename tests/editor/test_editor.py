import numpy as np
import pytest

from icaedit.editor import Editor, Refinement, default_directions, edit_latents, editor
from icaedit.errors import FileAccessError, InputError, ModelMismatchError
from icaedit.faces import PreparedFace, align, paste_back
from icaedit.images import save_image
from icaedit.models import tiny_model


@pytest.fixture
def photo():
    return np.random.default_rng(4).integers(0, 256, (120, 90, 3), dtype=np.uint8)


@pytest.fixture
def aligning(monkeypatch, face):
    """Let every photo that is no square hold the face in one place; return its square."""
    shown = face
    quad = np.array([(19.5, 29.5), (19.5, 69.5), (59.5, 69.5), (59.5, 29.5)])

    def prepare(image, *, align, size, face, landmarks, landmark_model):
        square = image.shape[0] == image.shape[1]
        return PreparedFace(image, None) if square else PreparedFace(shown, quad)

    monkeypatch.setattr(editor, "prepare_face", prepare)
    return quad


def test_an_aligned_face_comes_back_as_the_model_draws_its_moved_latents(model, directions, face):
    result = Editor(model, directions).edit(face, {"happy": 3, "sad": -1})
    start = model.encode(face[None])
    moved = edit_latents(start, directions, {"happy": 3, "sad": -1})
    assert np.array_equal(result.start_latents, start[0])
    assert np.array_equal(result.latents, moved[0])
    assert np.array_equal(result.image, model.synthesize(moved)[0])
    assert np.array_equal(result.edited, result.image)
    assert np.array_equal(result.reconstruction, model.synthesize(start)[0])
    assert np.array_equal(result.aligned, face)
    assert not np.array_equal(result.image, result.reconstruction)


def test_strength_zero_is_the_reconstruction_bit_for_bit(model, directions, face):
    result = Editor(model, directions).edit(face, {"happy": 0})
    assert np.array_equal(result.image, result.reconstruction)
    assert result.latents.tobytes() == result.start_latents.tobytes()


def test_strength_zero_gives_back_a_whole_photo_byte_for_byte(model, directions, photo, aligning):
    result = Editor(model, directions).edit(photo, {"happy": 0})
    assert np.array_equal(result.image, photo)


def test_the_edited_face_is_put_back_into_the_whole_photo(model, directions, photo, aligning, face):
    result = Editor(model, directions).edit(photo, {"happy": 10})
    assert np.array_equal(result.aligned, face)
    assert result.image.shape == photo.shape
    expected = paste_back(photo, result.edited, result.reconstruction, aligning)
    assert np.array_equal(result.image, expected)
    assert not np.array_equal(result.image, photo)


def test_a_path_is_read(model, directions, face, tmp_path):
    path = tmp_path / "face.png"
    save_image(path, face)
    for given in (path, str(path)):
        result = Editor(model, directions).edit(given, {"sad": 2})
        assert np.array_equal(result.image, Editor(model, directions).edit(face, {"sad": 2}).image)
    with pytest.raises(FileAccessError, match="nobody.png"):
        Editor(model, directions).edit(tmp_path / "nobody.png", {"sad": 2})


def test_a_sweep_equals_single_edits_bit_for_bit(model, directions, photo, face, aligning):
    strengths = [-3, 0, 1.5, 3]
    for image in (face, photo):
        swept = Editor(model, directions).sweep(image, "joy", strengths=strengths)
        assert len(swept) == 4
        for strength, frame in zip(strengths, swept, strict=True):
            single = Editor(model, directions).edit(image, {"happy": strength})
            assert np.array_equal(frame.image, single.image)
            assert np.array_equal(frame.edited, single.edited)
            assert frame.latents.tobytes() == single.latents.tobytes()


def test_a_sweep_encodes_once(model, directions, face, monkeypatch):
    calls, original = [], model.encode
    monkeypatch.setattr(model, "encode", lambda x: calls.append(len(x)) or original(x))
    Editor(model, directions).sweep(face, "happy", strengths=np.linspace(-3, 3, 5))
    assert calls == [1]


def test_a_sweep_of_no_strengths_is_refused(model, directions, face):
    with pytest.raises(InputError, match="no strengths"):
        Editor(model, directions).sweep(face, "happy", strengths=[])


def test_a_wrong_strength_or_emotion_is_told_before_the_picture_is_read(model, directions):
    with pytest.raises(InputError, match="strength 99"):
        Editor(model, directions).sweep("nobody.png", "happy", strengths=[1, 99])
    with pytest.raises(InputError, match="happy, sad, angry"):
        Editor(model, directions).edit("nobody.png", {"afraid": 1})


def test_the_way_of_aligning_is_handed_on(model, directions, photo):
    with pytest.raises(InputError, match="square"):
        Editor(model, directions).edit(photo, {"happy": 1}, align="none")
    with pytest.raises(InputError, match="square"):
        Editor(model, directions).sweep(photo, "happy", strengths=[1], align="none")


def test_an_expression_can_be_removed_before_the_edit(model, make_directions, face):
    fitted = make_directions()
    start = model.encode(face[None])[0]
    v = fitted.vectors
    scores = (v * start).sum(axis=(1, 2)) / (v * v).sum(axis=(1, 2))
    known = {"neutral_score": dict(zip(fitted.emotions, scores.tolist(), strict=True))}
    result = Editor(model, make_directions(provenance=known)).edit(
        face, {"happy": 2}, neutralize=True
    )
    # the face is its own neutral here, so that nothing is there to remove
    assert np.allclose(result.latents, start + 2 * fitted["happy"], atol=1e-4)
    shifted = {"neutral_score": known["neutral_score"] | {"happy": scores[0] - 1}}
    other = Editor(model, make_directions(provenance=shifted)).edit(
        face, {"happy": 0}, neutralize=True
    )
    assert not np.allclose(other.latents, start, atol=1e-2)
    assert np.array_equal(other.start_latents, start)
    assert np.array_equal(other.reconstruction, result.reconstruction)


@pytest.fixture
def fitted(model, face, make_directions):
    """Directions that know where neutral lies: at the face's own latents."""
    start, v = model.encode(face[None])[0], make_directions().vectors
    scores = (v * start).sum(axis=(1, 2)) / (v * v).sum(axis=(1, 2))
    known = dict(zip(make_directions().emotions, scores.tolist(), strict=True))
    return make_directions(provenance={"neutral_score": known})


def test_an_emotion_is_set_whatever_the_face_shows(model, fitted, face):
    editor = Editor(model, fitted)
    result = editor.edit(face, set={"happy": 3})
    assert result.strengths == pytest.approx({"happy": 3}, abs=1e-3)
    assert result.present["happy"] == pytest.approx(0, abs=1e-3)
    assert np.allclose(result.latents, result.start_latents + 3 * fitted["happy"], atol=1e-3)
    blended = editor.edit(face, {"sad": 1}, set={"happy": 2})
    assert blended.strengths == pytest.approx({"sad": 1, "happy": 2}, abs=1e-3)


def test_directions_that_know_no_neutral_face_edit_and_tell_nothing_present(
    model, directions, face
):
    assert Editor(model, directions).edit(face, {"happy": 1}).present == {}


def test_a_blend_puts_the_edit_into_an_aligned_picture_at_its_own_size(model, directions, face):
    editor = Editor(model, directions)
    large = np.kron(face, np.ones((4, 4, 1), np.uint8))
    result = editor.edit(large, {"happy": 15}, blend="residual")
    assert result.image.shape == large.shape
    assert not np.array_equal(result.image, large)
    edge = np.abs(result.image[0].astype(int) - large[0])
    assert edge.max() <= 2  # feathered away
    assert np.array_equal(editor.edit(large, {"happy": 0}, blend="residual").image, large)
    shown = editor.edit(large, {"happy": 15}, blend="replace").image[64, 64].astype(int)
    middle = result.edited[7:9, 7:9].reshape(4, 3).astype(int)
    assert (shown >= middle.min(axis=0)).all() and (shown <= middle.max(axis=0)).all()


@pytest.mark.parametrize("blend", ["residual", "replace"])
def test_strength_zero_leaves_a_photo_alone_in_every_blend(
    model, directions, photo, aligning, blend
):
    result = Editor(model, directions).edit(photo, {"happy": 0}, blend=blend)
    assert np.array_equal(result.image, photo)
    assert result.image is not photo


def test_a_face_can_replace_what_was_there(model, directions, photo, aligning):
    result = Editor(model, directions).edit(photo, {"happy": 10}, blend="replace")
    expected = paste_back(photo, result.edited, result.reconstruction, aligning, blend="replace")
    assert np.array_equal(result.image, expected)


def test_an_unknown_blend_is_told_before_the_picture_is_read(model, directions):
    with pytest.raises(InputError, match="residual or replace"):
        Editor(model, directions).edit("nobody.png", {"happy": 1}, blend="melt")


POINTS = np.array([(30, 40), (60, 42), (45, 55), (34, 70), (57, 71)], float)


def test_every_face_is_edited_and_put_back(model, directions, photo):
    editor = Editor(model, directions)
    both = [POINTS, POINTS + (20, 30)]
    group = editor.edit_all(photo, {"happy": 10}, landmarks=both)
    assert [result.face.number for result in group.faces] == [1, 2]
    for number, result in enumerate(group.faces, start=1):
        alone = editor.edit(photo, {"happy": 10}, landmarks=both, face=number)
        assert np.array_equal(result.image, alone.image)
    first, second = group.faces
    expected = paste_back(first.image, second.edited, second.reconstruction, second.face.quad)
    assert np.array_equal(group.image, expected)


def test_the_predictor_of_the_editor_is_the_one_that_is_asked(
    model, directions, photo, monkeypatch
):
    asked = []

    def prepare(image, *, landmark_model, **options):
        asked.append(landmark_model)
        return PreparedFace(image[:16, :16], None)

    monkeypatch.setattr(editor, "prepare_face", prepare)
    Editor(model, directions, landmark_model="points.dat").edit(photo, {"happy": 1})
    assert asked == ["points.dat"]


def test_a_refined_face_resembles_the_photo_more_and_is_edited_from_there(model, directions, photo):
    editor = Editor(model, directions)
    plain = editor.edit(photo, {"happy": 5}, landmarks=POINTS)
    result = editor.edit(photo, {"happy": 5}, landmarks=POINTS, refine=25)
    assert plain.refined is None
    assert result.refined.loss_after < result.refined.loss_before
    assert np.array_equal(result.start_latents, result.refined.latents)
    assert np.allclose(result.latents - result.start_latents, 5 * directions["happy"], atol=1e-5)
    target = align(photo, POINTS, size=16, transform_size=64).image.astype(int)
    errors = [np.abs(r.reconstruction - target).mean() for r in (plain, result)]
    assert errors[1] < errors[0]
    assert np.array_equal(editor.edit(photo, {"sad": 0}, landmarks=POINTS, refine=3).image, photo)


def test_a_refinement_compares_with_the_face_finely_sampled(
    model, directions, photo, face, monkeypatch
):
    targets, original = [], editor.refine

    def refine(model, target, latents, **options):
        targets.append(target)
        return original(model, target, latents, **options)

    monkeypatch.setattr(editor, "refine", refine)
    Editor(model, directions).edit(photo, {"happy": 1}, landmarks=POINTS, refine=1)
    Editor(model, directions).edit(face, {"happy": 1}, refine=1)
    fine = align(photo, POINTS, size=model.size, transform_size=4 * model.size)
    assert np.array_equal(targets[0], fine.image)
    assert np.array_equal(targets[1], face)


def test_what_is_set_is_measured_before_the_refinement(model, fitted, face):
    editor = Editor(model, fitted)
    plain, refined = (editor.edit(face, set={"sad": 2}, refine=steps) for steps in (None, 20))
    assert plain.strengths == refined.strengths
    assert plain.present == refined.present


def test_the_model_is_the_same_after_weights_were_tuned(model, directions, face):
    before = Editor(model, directions).edit(face, {"happy": 2}).image
    tuned = Editor(model, directions).edit(face, {"happy": 2}, refine=Refinement(5, tune=True))
    assert tuned.refined.model is not model
    assert np.array_equal(Editor(model, directions).edit(face, {"happy": 2}).image, before)


def test_a_sweep_is_refined_once_for_its_longest_edit(model, directions, face, monkeypatch):
    calls, original = [], editor.refine

    def refine(*arguments, displacements, **options):
        calls.append(displacements)
        return original(*arguments, displacements=displacements, **options)

    monkeypatch.setattr(editor, "refine", refine)
    frames = Editor(model, directions).sweep(face, "happy", strengths=[-4, 0, 2], refine=3)
    assert len(calls) == 1
    assert np.allclose(calls[0], -4 * directions["happy"], atol=1e-5)
    assert len({frame.start_latents.tobytes() for frame in frames}) == 1


def test_directions_of_another_model_are_refused_by_both_names(directions):
    other = tiny_model(seed=7)
    with pytest.raises(ModelMismatchError) as caught:
        Editor(other, directions)
    assert other.fingerprint[:12] in str(caught.value)
    assert directions.model_fingerprint[:12] in str(caught.value)


def test_the_same_edit_twice_gives_the_same_bytes(model, directions, face):
    first, second = (Editor(model, directions).edit(face, {"happy": 2}) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()


def test_the_shipped_directions_are_those_of_the_embedded_model(
    model, directions, tmp_path, monkeypatch
):
    monkeypatch.setattr(editor, "EMBEDDED_FOLDER", tmp_path)
    with pytest.raises(InputError, match="fit-directions.*--directions"):
        default_directions(model)
    directions.save(tmp_path / "portraits.directions.safetensors")
    assert np.array_equal(default_directions(model).vectors, directions.vectors)
    with pytest.raises(InputError, match="fit-directions.*--directions") as caught:
        default_directions(tiny_model(seed=7))
    assert "'tiny-7'" in str(caught.value)


def test_without_directions_those_of_the_embedded_model_are_used_and_no_others(model):
    with pytest.raises(InputError, match="expected directions fitted on it"):
        Editor(model)
