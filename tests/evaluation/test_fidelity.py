import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.evaluation import load_judge, measure_fidelity, measure_styles, psnr, ssim
from icaedit.evaluation.fidelity import batches_of
from icaedit.evaluation.gate import score_reconstructions
from icaedit.models import tiny_model
from icaedit.portraits import plan_portraits, render, restyle, sample_portraits
from icaedit.schema import EMOTIONS


@pytest.fixture(scope="module")
def judge():
    return load_judge()


def measure(model, judge, plan, **options):
    return measure_fidelity(
        model, judge, plan.parameters, emotion=plan.emotion, identity=plan.identity, **options
    )


def test_fidelity_is_that_of_all_pictures_together(judge):
    model, plan = tiny_model(), plan_portraits(2, seed=3)
    found = measure(model, judge, plan, batch_size=5)
    rendering = render(plan.parameters, size=16)
    made = model.synthesize(model.encode(rendering.images))
    assert found.pictures == 14
    assert found.psnr == pytest.approx(psnr(rendering.images, made), abs=0.006)
    inside = psnr(rendering.images, made, window=rendering.face)
    assert found.psnr_face == pytest.approx(inside, abs=0.006)
    assert found.psnr != found.psnr_face
    assert found.ssim == pytest.approx(ssim(rendering.images, made).mean(), abs=6e-5)
    emotion, identity = np.array(plan.emotion), np.array(plan.identity)
    scores = score_reconstructions(
        judge, rendering.images, made, emotion=emotion, identity=identity
    )
    assert found.scores == scores


@pytest.mark.parametrize("batch_size", [1, 13, 14, 15])
def test_batches_do_not_change_the_result(judge, batch_size):
    model, plan = tiny_model(), plan_portraits(2)
    assert measure(model, judge, plan, batch_size=batch_size) == measure(model, judge, plan)


def test_a_model_that_keeps_everything_loses_nothing(pixel_model, judge):
    found = measure(pixel_model(), judge, plan_portraits(1))
    assert found.psnr == found.psnr_face == np.inf
    assert found.ssim == 1
    assert found.scores.drop == found.scores.worst_drop == 0


def test_no_more_than_a_batch_is_held_at_a_time(pixel_model, judge):
    model, seen = pixel_model(), []
    plan = plan_portraits(1)
    measure(model, judge, plan, batch_size=3, progress=lambda *at: seen.append(at))
    assert model.batches == [3, 3, 1]
    assert seen == [(3, 7), (6, 7), (7, 7)]


def test_the_worst_drop_is_that_of_one_emotion(judge):
    scores = measure(tiny_model(), judge, plan_portraits(1)).scores
    lost = [scores.originals[name] - scores.reconstructions[name] for name in EMOTIONS]
    assert scores.worst_drop == max(lost)


def test_labels_of_another_number_and_empty_batches_are_refused(judge):
    plan = plan_portraits(1)
    with pytest.raises(InputError, match="got 7 portraits, 6 emotions and 7 identities"):
        measure_fidelity(
            tiny_model(), judge, plan.parameters, emotion=plan.emotion[1:], identity=plan.identity
        )
    with pytest.raises(InputError, match="in batches of 0"):
        measure(tiny_model(), judge, plan, batch_size=0)
    with pytest.raises(InputError, match="got 0 portraits"):
        list(batches_of(plan.parameters.rows(slice(0)), size=16, batch_size=1))


def test_styles_are_compared_by_the_cosine_of_what_differs_from_the_average(pixel_model):
    portraits = sample_portraits(5, random_state=1)
    found = measure_styles(pixel_model(), portraits, styles=["noisy", "sketch"])
    clean = render(portraits, size=16).images
    noisy = restyle(clean, "noisy", random_state=np.random.default_rng([0, 0]))
    a, b = (images.reshape(5, -1) - 128.0 for images in (clean, noisy))
    cosine = (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))
    assert found.cosine["noisy"] == pytest.approx(cosine.mean(), abs=6e-5)
    assert found.overall == pytest.approx(np.mean(list(found.cosine.values())), abs=6e-5)
    other = np.roll(a, -1, axis=0)
    between = (a * other).sum(1) / np.sqrt((a**2).sum(1) * (other**2).sum(1))
    assert found.between_people == pytest.approx(between.mean(), abs=6e-5)


@pytest.mark.parametrize("batch_size", [1, 4, 5])
def test_different_people_are_paired_across_batches(pixel_model, batch_size):
    portraits = sample_portraits(5, random_state=1)
    found = measure_styles(pixel_model(), portraits, styles=["sketch"], batch_size=batch_size)
    assert found == measure_styles(pixel_model(), portraits, styles=["sketch"], batch_size=32)


def test_drawings_of_one_portrait_alone_are_not_compared():
    with pytest.raises(InputError, match="got 1 portraits in 9 styles"):
        measure_styles(tiny_model(), sample_portraits(1))
    with pytest.raises(InputError, match="got style 'oil'"):
        measure_styles(tiny_model(), sample_portraits(2), styles=["oil"])
