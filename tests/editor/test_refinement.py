import numpy as np
import pytest
import torch

from icaedit.editor import Refinement, present_strengths, refine, refinement
from icaedit.editor.effect import Agreement
from icaedit.errors import InputError
from icaedit.models.latent_model import model_state


@pytest.fixture
def start(model, face):
    return model.encode(face[None])[0]


@pytest.fixture
def run(model, face, start, directions):
    """Refine the face, with options."""

    def run(steps=8, displacements=None, **options):
        edits = 5 * directions.vectors[:1] if displacements is None else displacements
        return refine(
            model, face, start, directions=directions, displacements=edits,
            options=Refinement(steps, **options),
        )  # fmt: skip

    return run


def state_of(model):
    return {name: t.clone() for name, t in model_state(model.generator, model.encoder).items()}


def test_the_picture_comes_closer_to_the_face(run, model, face, start):
    found = run(30)
    assert found.loss_after < 0.9 * found.loss_before
    pictures = model.synthesize(np.stack([start, found.latents])).astype(float)
    from icaedit.images import resize

    before, after = np.abs(pictures - resize(face, 16)).mean(axis=(1, 2, 3))
    assert after < before


def test_more_steps_do_not_end_worse(run):
    few, many = run(3), run(25)
    assert many.loss_after <= few.loss_after <= few.loss_before


def test_the_best_latents_on_the_way_are_kept_and_not_the_last(model, start):
    calls = []

    def rising(a, b):
        calls.append(1)
        return (a - b).abs() + len(calls)

    codes, target = torch.from_numpy(start)[None], torch.zeros(1, 3, 16, 16)
    way = refinement._Run(model, target, Refinement(4, loss=rising))
    best, first_loss = way.fit_latents(codes, torch.zeros(0, start.size))
    assert torch.equal(best, codes)
    assert len(calls) == 5


def test_the_latents_stay_near_the_encoder_s(run, model, start):
    reach = np.linalg.norm(start - model.latent_avg)
    for bound in (0.05, 0.3):
        found = run(30, max_distance=bound)
        moved = np.linalg.norm(found.latents - start) / reach
        assert moved <= bound * 1.001
        assert found.distance == pytest.approx(moved)
        assert moved > 0.5 * bound


def test_the_strengths_present_stay_what_they_were(run, start, make_directions):
    known = make_directions(
        provenance={"neutral_score": dict.fromkeys(("happy", "sad", "angry"), 0.0)}
    )
    before = present_strengths(start, known)
    after = present_strengths(run(20).latents, known)
    for emotion in before:
        assert after[emotion] == pytest.approx(before[emotion], abs=1e-3)


@pytest.mark.parametrize("tune", [False, True])
def test_the_same_seed_gives_the_same_bytes(run, tune):
    first, second = run(4, tune=tune, seed=3), run(4, tune=tune, seed=3)
    assert first.latents.tobytes() == second.latents.tobytes()
    assert first.model.fingerprint == second.model.fingerprint
    assert first.loss_after == second.loss_after


def test_the_seed_matters_for_tuning_and_the_global_generator_is_left_alone(run):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    first, second = run(4, tune=True, seed=3), run(4, tune=True, seed=4)
    assert torch.equal(torch.rand(3), expected)
    assert first.model.fingerprint != second.model.fingerprint


def test_tuned_weights_are_a_copy_and_bring_the_picture_closer_still(run, model, monkeypatch):
    monkeypatch.setattr(refinement, "_weight_rate", lambda steps: 0.01)
    before = state_of(model)
    plain, tuned = run(15), run(15, tune=True)
    assert plain.model is model
    assert tuned.model is not model
    assert tuned.kept == 1
    assert tuned.loss_after < plain.loss_after
    after = model_state(model.generator, model.encoder)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not any(p.requires_grad for p in model.generator.parameters())
    assert not any(p.requires_grad for p in tuned.model.generator.parameters())
    assert tuned.model.fingerprint != model.fingerprint
    mapping = [m.generator.mapping.layers[0].weight for m in (model, tuned.model)]
    assert torch.equal(*mapping)


def test_tuned_weights_are_held_to_the_old_ones_elsewhere(run, model, monkeypatch):
    monkeypatch.setattr(refinement, "_weight_rate", lambda steps: 0.02)

    def change_elsewhere(weight):
        monkeypatch.setattr(refinement, "_LOCALITY_WEIGHT", weight)
        found = run(20, tune=True)
        z = torch.randn(6, model.z_dim, generator=torch.Generator().manual_seed(9))
        with torch.no_grad():
            codes = model.generator.mapping(z)[:, None].expand(-1, model.n_layers, -1)
            pictures = [m.generator(codes) for m in (model, found.model)]
        return float((pictures[0] - pictures[1]).abs().mean())

    assert change_elsewhere(10.0) < 0.8 * change_elsewhere(0.0)


def test_a_refinement_that_spoils_the_edit_is_taken_back(run, start, monkeypatch):
    asked = []

    def agreement(first, second, displacements):
        asked.append(np.linalg.norm(second[1] - start))
        return Agreement(0.0 if len(asked) < 3 else 1.0, 1.0)

    monkeypatch.setattr(refinement, "effect_agreement", agreement)
    found = run(10)
    assert found.kept == 0.25
    assert asked[1] == pytest.approx(asked[0] / 2, rel=1e-3)
    assert np.linalg.norm(found.latents - start) == pytest.approx(asked[0] / 4, rel=1e-3)


def test_a_refinement_that_spoils_every_edit_leaves_the_encoder_s_latents(
    run, start, model, monkeypatch
):
    monkeypatch.setattr(refinement, "effect_agreement", lambda *_: Agreement(-1.0, 1.0))
    found = run(5, tune=True)
    assert found.kept == 0
    assert found.latents.tobytes() == start.tobytes()
    assert found.model is model
    assert found.loss_after == pytest.approx(found.loss_before)


def test_a_part_of_a_refinement_that_is_worse_than_none_is_not_kept(run, monkeypatch):
    losses = iter([9.0, 9.0, 0.0])
    monkeypatch.setattr(refinement._Run, "loss_of", lambda *_: next(losses))
    found = run(3)
    assert found.kept == 0.25
    assert found.loss_after == 0


def test_half_kept_weights_lie_half_way(run, model, monkeypatch):
    answers = iter([Agreement(0.0, 1.0), Agreement(1.0, 1.0)])
    whole = run(5, tune=True).model.generator.synthesis.input
    monkeypatch.setattr(refinement, "effect_agreement", lambda *_: next(answers))
    half = run(5, tune=True).model.generator.synthesis.input
    assert torch.allclose(half, (whole + model.generator.synthesis.input) / 2, atol=1e-6)


def test_without_an_edit_each_direction_is_checked(run, monkeypatch, directions):
    checked = []

    def agreement(first, second, displacements):
        checked.append(displacements)
        return Agreement(1.0, 1.0)

    monkeypatch.setattr(refinement, "effect_agreement", agreement)
    run(2, displacements=np.zeros((0, *directions.vectors.shape[1:])))
    assert np.array_equal(checked[0], directions.vectors)


def test_progress_counts_every_step_of_both_parts(run):
    steps = []
    run(3, tune=True, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(n, 6) for n in range(1, 7)]


def test_another_loss_may_be_given(run):
    def loss(a, b):
        return (a - b).abs().amax(dim=(2, 3))  # any shape

    found = run(10, loss=loss)
    assert found.loss_after < found.loss_before
    assert found.latents.tobytes() != run(10).latents.tobytes()


def test_a_loss_of_no_number_is_told(run):
    with pytest.raises(InputError, match="loss of nan"):
        run(2, loss=lambda a, b: (a - b) * float("nan"))


@pytest.mark.parametrize("steps", [0, -1, 2.5, "many"])
def test_steps_that_are_none_are_refused(steps):
    with pytest.raises(InputError, match="steps of refinement"):
        Refinement(steps)


@pytest.mark.parametrize("distance", [0, -1, float("inf"), float("nan")])
def test_a_bound_that_is_none_is_refused(distance):
    with pytest.raises(InputError, match="max_distance"):
        Refinement(1, max_distance=distance)


def test_weights_travel_as_far_in_few_steps_as_in_many_but_never_leap():
    assert refinement._weight_rate(350) == pytest.approx(3e-4, rel=0.1)
    assert refinement._weight_rate(100) * 100 == pytest.approx(refinement._weight_rate(350) * 350)
    assert refinement._weight_rate(1) == 2e-3
