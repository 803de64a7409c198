import numpy as np
import pytest

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.evaluation import judge as judge_module
from icaedit.evaluation import load_judge
from icaedit.portraits import ACTION_UNITS, plan_portraits, render
from icaedit.schema import EMOTIONS

SEED = 86


@pytest.fixture(scope="module")
def judge():
    return load_judge()


@pytest.fixture(scope="module")
def unseen():
    plan = plan_portraits(12, seed=SEED)
    return plan, render(plan.parameters, size=64).images


def test_the_judge_reads_the_emotions_of_people_it_never_saw(judge, unseen):
    plan, images = unseen
    assert (judge.read(images).emotion == np.array(plan.emotion)).mean() >= 0.95


def test_the_judge_reads_action_units(judge, unseen):
    plan, images = unseen
    truth, read = plan.parameters.action_units, judge.read(images).units
    smile = ACTION_UNITS.index("AU12")
    assert np.corrcoef(truth[:, smile], read[:, smile])[0, 1] > 0.9
    assert ((read - truth) ** 2).mean() < 0.3 * truth.var(0).mean()


def test_the_judge_tells_people_apart_whatever_they_show(judge, unseen):
    plan, images = unseen
    identity, emotion = np.array(plan.identity), np.array(plan.emotion)
    embedding = judge.read(images).embedding
    gallery = embedding[emotion == "neutral"]
    people = identity[emotion == "neutral"]
    shown = judge.read(images[emotion != "neutral"])
    assert (people[shown.nearest(gallery)] == identity[emotion != "neutral"]).mean() >= 0.9


def test_embeddings_have_unit_length_and_probabilities_sum_to_one(judge, unseen):
    reading = judge.read(unseen[1][:3])
    np.testing.assert_allclose(np.linalg.norm(reading.embedding, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(reading.probabilities.sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 5])
def test_no_picture_is_lost_or_moved_by_batches(judge, unseen, batch_size):
    images = unseen[1][:4]
    units = judge.read(images, batch_size=batch_size).units
    np.testing.assert_allclose(units, judge.read(images).units, atol=1e-5)


def test_larger_pictures_are_reduced_first(judge):
    plan = plan_portraits(2, seed=SEED)
    large = render(plan.parameters, size=256).images
    assert (judge.read(large).emotion == np.array(plan.emotion)).mean() >= 0.9


def test_the_judge_states_its_own_errors(judge):
    assert judge.emotions == EMOTIONS
    assert judge.units == ACTION_UNITS
    assert 0.9 < judge.unseen_renders["posed_accuracy"] <= 1


def test_pictures_of_another_shape_are_refused(judge):
    with pytest.raises(InputError, match=r"\(N, H, H, 3\)"):
        judge.read(np.zeros((2, 64, 32, 3), np.uint8))
    with pytest.raises(InputError, match="float64"):
        judge.read(np.zeros((2, 64, 64, 3)))


def test_a_file_without_all_tensors_is_refused(tmp_path):
    folder = judge_module.files("icaedit.evaluation") / "weights"
    tensors, header = load_tensors(folder / "judge.safetensors", expect="icaedit.judge", version=1)
    tensors.pop("stem.weight")
    save_tensors(tmp_path / "judge.safetensors", tensors, header=header)
    with pytest.raises(FormatError, match=r"judge\.safetensors.*stem\.weight"):
        load_judge(tmp_path / "judge.safetensors")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match="none.safetensors"):
        load_judge(tmp_path / "none.safetensors")
