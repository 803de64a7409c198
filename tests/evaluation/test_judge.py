import numpy as np
import pytest

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.evaluation import judge as judge_module
from icaedit.evaluation import load_judge
from icaedit.evaluation.judge import join_readings
from icaedit.portraits import ACTION_UNITS, plan_portraits, render, sample_portraits
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


def test_the_judge_reads_the_turn_of_the_head(judge):
    people = sample_portraits(40, random_state=SEED)
    turned = people.replace({"yaw": np.linspace(-20, 20, 40), "pitch": np.tile([-5, 5], 20)})
    reading = judge.read(render(turned, size=64).images)
    assert np.abs(reading.yaw - turned["yaw"]).mean() < 3
    assert np.abs(reading.pitch - turned["pitch"]).mean() < 2.5
    assert reading.pitch[1::2].mean() > reading.pitch[::2].mean() + 5


def test_the_judge_reads_where_the_light_comes_from(judge):
    people = sample_portraits(40, random_state=SEED)
    lit = people.replace({"light_azimuth": np.linspace(-0.7, 0.7, 40), "light_level": 1.0})
    light = judge.read(render(lit, size=64).images).light
    assert light.shape == (40, 3)
    assert np.abs(light[:, 0] - lit["light_azimuth"]).mean() < 0.2
    high = people.replace({"light_elevation": 0.8, "light_level": 1.1})
    low = people.replace({"light_elevation": 0.3, "light_level": 0.9})
    rise = [judge.read(render(lit, size=64).images).light.mean(0) for lit in (low, high)]
    assert rise[1][1] > rise[0][1] + 0.2
    assert rise[1][2] > rise[0][2]  # the level is hardly seen beside the tone of the skin


def test_a_mirrored_head_is_turned_and_lit_from_the_other_side(judge, unseen):
    images = unseen[1][::5]
    here, there = judge.read(images), judge.read(images[:, :, ::-1])
    assert np.corrcoef(here.yaw, -there.yaw)[0, 1] > 0.8
    assert np.corrcoef(here.light[:, 0], -there.light[:, 0])[0, 1] > 0.8


def test_features_are_of_pictures_and_not_of_their_place(judge, unseen):
    images = unseen[1][:6]
    features = judge.features(images, batch_size=4)
    assert features.shape == (6, 96) and features.dtype == np.float32
    np.testing.assert_allclose(features[5:], judge.features(images[5:]), rtol=1e-4, atol=1e-5)
    assert features.std(0).max() > 0.05


def test_readings_of_batches_join_in_order(judge, unseen):
    images = unseen[1][:5]
    joined = join_readings([judge.read(images[:2]), judge.read(images[2:])])
    whole = judge.read(images)
    for name in ("units", "probabilities", "embedding", "yaw", "pitch", "light"):
        np.testing.assert_allclose(getattr(joined, name), getattr(whole, name), atol=1e-4)
    assert joined.emotions == whole.emotions


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
    errors = judge.unseen_renders
    assert 0.9 < errors["posed_accuracy"] <= 1
    assert {f"posed_accuracy_{name}" for name in EMOTIONS} <= set(errors)
    assert {f"r2_{name}" for name in ACTION_UNITS} <= set(errors)
    assert errors["identity_top1_of_20"] > 0.9
    assert 0 < errors["yaw_rmse_degrees"] < 2 and 0 < errors["pitch_rmse_degrees"] < 2
    assert 0.5 < errors["r2_light_azimuth"] <= 1


def test_pictures_of_another_shape_are_refused(judge):
    with pytest.raises(InputError, match=r"\(N, H, H, 3\)"):
        judge.read(np.zeros((2, 64, 32, 3), np.uint8))
    with pytest.raises(InputError, match="float64"):
        judge.read(np.zeros((2, 64, 64, 3)))


@pytest.fixture
def stored():
    path = judge_module.files("icaedit.evaluation") / "weights" / "judge.safetensors"
    return load_tensors(path, expect="icaedit.judge", version=judge_module.VERSION)


def test_a_file_without_all_tensors_is_refused(tmp_path, stored):
    tensors, header = stored
    tensors.pop("stem.weight")
    save_tensors(tmp_path / "judge.safetensors", tensors, header=header)
    with pytest.raises(FormatError, match=r"judge\.safetensors.*stem\.weight"):
        load_judge(tmp_path / "judge.safetensors")


def test_a_file_without_its_size_is_refused(tmp_path, stored):
    tensors, header = stored
    header.pop("size")
    save_tensors(tmp_path / "judge.safetensors", tensors, header=header)
    with pytest.raises(FormatError, match=r"judge\.safetensors.*size"):
        load_judge(tmp_path / "judge.safetensors")


@pytest.mark.parametrize(("version", "reason"), [(1, "neither pose nor light"), (3, "update")])
def test_an_older_and_a_newer_file_are_refused(tmp_path, stored, version, reason):
    tensors, header = stored
    save_tensors(tmp_path / "judge.safetensors", tensors, header=header | {"version": version})
    with pytest.raises(FormatError, match=rf"judge\.safetensors of version {version}.*{reason}"):
        load_judge(tmp_path / "judge.safetensors")


def test_the_weights_are_small(stored):
    tensors, _ = stored
    assert sum(array.nbytes for array in tensors.values()) < 2.5e6


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match="none.safetensors"):
        load_judge(tmp_path / "none.safetensors")
