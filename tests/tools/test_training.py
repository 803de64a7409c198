"""The tool that trains the embedded model: its optimiser, its stages, what comes after."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import norm

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module", autouse=True)
def tools_on_path():
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


def test_orthogonalised_matrices_have_singular_values_near_one():
    from training.muon import orthogonalise

    draws = torch.Generator().manual_seed(0)
    for shape in ((3, 20, 50), (2, 50, 20)):
        made = orthogonalise(torch.randn(shape, generator=draws)).float()
        values = torch.linalg.svdvals(made)
        assert made.shape == shape
        assert 0.5 < values.min() and values.max() < 1.3


def test_every_parameter_of_the_pair_is_trained_by_exactly_one_optimiser():
    from training.muon import matrix_groups
    from training.stages import Pair

    encoder = Pair(64).encoder
    groups, rest = matrix_groups(encoder)
    trained = [weight for group in groups for weight in group["params"]] + rest
    assert sorted(map(id, trained)) == sorted(map(id, encoder.parameters()))


def test_grouped_convolutions_are_read_as_one_matrix_for_each_group():
    from training.muon import matrix_groups

    conv = torch.nn.Conv2d(3 * 20, 3 * 24, 3, groups=3)
    (group,), rest = matrix_groups(conv)
    assert group["matrices"] == (3, 24) and [weight.ndim for weight in rest] == [1]


def test_a_step_has_the_size_that_was_asked_for():
    from training.muon import Muon, matrix_groups

    torch.manual_seed(0)
    layer = torch.nn.Linear(40, 24)
    before = layer.weight.detach().clone()
    groups, _ = matrix_groups(layer)
    optimiser = Muon([group | {"lr": 0.01} for group in groups])
    layer(torch.randn(64, 40)).square().mean().backward()
    optimiser.step()
    moved = (layer.weight.detach() - before).square().mean().sqrt()
    assert moved == pytest.approx(0.01 * groups[0]["scale"], rel=0.25)


def test_normal_scores_keep_the_order_and_are_standard_normal():
    from training.finish import normal_scores

    values = np.stack([np.arange(200) ** 2, np.repeat([1, 0], 100)], axis=1).astype(float)
    scores = normal_scores(values)
    assert np.allclose(scores[:, 0], norm.ppf((np.arange(200) + 0.5) / 200))
    assert scores[:100, 1].min() > 0 > scores[100:, 1].max()


def test_draws_are_white_whatever_the_scores_correlation():
    from training.finish import standard_draws

    mixed = np.random.default_rng(0).standard_normal((500, 6)) @ np.triu(np.ones((6, 6)))
    z = standard_draws(mixed, 6, seed=1)(mixed)
    assert np.allclose(np.cov(z.T), np.eye(6), atol=1e-5)


def test_centring_the_codes_leaves_the_pictures_alone():
    from training.codes import centre_codes
    from training.stages import Pair

    torch.manual_seed(0)
    pair = Pair(64).eval()
    with torch.inference_mode():
        x = torch.randn(5, 3, 64, 64)
        before = pair.generator(pair.encoder(x))
        base, offsets = (part.clone() for part in pair.encoder.split(x))
    centre_codes(pair, base, offsets)
    with torch.inference_mode():
        latents = pair.encoder(x)
        assert torch.allclose(pair.generator(latents), before, atol=1e-3)
        assert torch.allclose(latents.mean((0, 1)), pair.encoder.latent_avg.mean(0), atol=1e-4)


def test_styles_of_any_length_are_brought_to_one_without_a_change_of_the_pictures():
    from training.codes import _features_of_heads, settle_lengths
    from training.stages import Pair

    torch.manual_seed(0)
    pair = Pair(64).eval()
    images = torch.randn(200, 3, 64, 64)
    layer = 4
    head, index, features = _features_of_heads(pair, images)[layer]
    readout = torch.randn(features.shape[1])
    readout *= 0.3 / (features.float() @ readout).std()
    mean = pair.generator.synthesis.convs[layer].modulation.bias.detach()
    with torch.no_grad():
        # along the code that lengthens every style alike, by a different amount for each picture
        weight = pair.generator.synthesis.convs[layer].modulation
        along = torch.linalg.lstsq(weight.weight * weight.scale, mean[:, None]).solution[:, 0]
        head.weight[index] += along[:, None] * readout / head.scale
        before = pair.generator(pair.encoder(images[:20]))
        spread = pair.encoder(images)[:, layer].var(0).sum()
    assert settle_lengths(pair, images) == [layer]
    with torch.inference_mode():
        after = pair.generator(pair.encoder(images[:20]))
        assert pair.encoder(images)[:, layer].var(0).sum() < spread
        assert (after - before).square().mean() < 0.02 * before.var(0).mean()


def test_codes_that_nothing_reads_are_taken_out_without_a_change_of_the_pictures():
    from training.codes import shorten_codes
    from training.stages import Pair

    torch.manual_seed(0)
    pair = Pair(128).eval()
    images = torch.randn(12, 3, 64, 64)
    modulation = pair.generator.synthesis.to_rgbs[-1].modulation  # alone reads the last layer
    unread = torch.linalg.svd(modulation.weight, full_matrices=True).Vh[-1].detach()
    head = pair.encoder.heads[-1]
    with torch.no_grad():
        head.weight[-1] += 300 * unread[:, None] * torch.randn(head.weight.shape[-1])
        before = pair.generator(pair.encoder(images))
        assert (pair.encoder.split(images)[1][:, -1] @ unread).var() > 1
        shorten_codes(pair)
        after = pair.generator(pair.encoder(images))
        assert (pair.encoder.split(images)[1][:, -1] @ unread).var() < 1e-8
    assert (after - before).square().mean() < 1e-4 * before.var(0).mean()


def test_a_layer_with_loud_codes_is_levelled_without_a_change_of_the_pictures():
    from training.codes import level_styles
    from training.stages import Pair

    torch.manual_seed(0)
    pair = Pair(64).eval()
    images = torch.randn(200, 3, 64, 64)
    layer = 4
    modulation = pair.generator.synthesis.convs[layer].modulation
    head = pair.encoder.heads[1]
    index = layer - pair.encoder.heads[0].n_heads
    with torch.no_grad():
        left, values, right = torch.linalg.svd(modulation.weight, full_matrices=False)
        values[-1] *= 0.05  # hardly heard ...
        modulation.weight.copy_((left * values) @ right)
        loud = right[-1][:, None] * torch.randn(head.weight.shape[-1])
        head.weight[index] += 400 * loud  # ... so it is loud
        before = pair.generator(pair.encoder(images[:20]))
        spread = pair.encoder(images)[:, layer].var(0).sum()
    assert level_styles(pair, images) == [layer]
    with torch.inference_mode():
        after = pair.generator(pair.encoder(images[:20]))
        assert pair.encoder(images)[:, layer].var(0).sum() < 0.2 * spread
        assert (after - before).square().mean() < 0.1 * before.var(0).mean()
    assert level_styles(pair, images) == []


def test_only_the_lengths_of_the_even_layers_styles_are_held():
    from training.losses import length_loss
    from training.stages import Pair

    torch.manual_seed(0)
    synthesis = Pair(64).generator.synthesis
    codes = torch.zeros(6, 10, synthesis.convs[0].modulation.weight.shape[1])
    assert length_loss(synthesis, codes).item() == pytest.approx(0, abs=1e-12)
    codes[:, 1::2] = torch.randn(codes[:, 1::2].shape)  # layers that colours read too
    codes[:, 0] = torch.randn(codes[:, 0].shape)  # the base code, which every layer shares
    assert length_loss(synthesis, codes).item() == pytest.approx(0, abs=1e-12)
    codes[:, 4] = 3 * torch.randn(codes[:, 4].shape)
    style = synthesis.convs[4].modulation(codes[:, 4])
    lengths = style.square().sum(1).sqrt()
    wanted = lengths.var(unbiased=False) / lengths.mean() ** 2
    assert wanted > 1e-4
    assert length_loss(synthesis, codes).item() == pytest.approx(wanted.item(), rel=1e-4)


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    from training import data, stages

    monkeypatch.setattr(stages, "UNSEEN_ROWS", 14)
    monkeypatch.setattr(stages, "LOG_SECONDS", 0)
    data.make_renders(tmp_path / "renders", 12, size=64, seed=3)
    renders = data.open_renders(tmp_path / "renders")
    states = {}
    for name, stop_at in (("whole", None), ("stopped", 48)):
        run = tmp_path / name
        run.mkdir()
        stages.train_readout(run, renders, 2, device="cpu")

        def watch(run, pair, readout, renders, at, stop_at=stop_at):
            if stop_at is not None and int(at[1]) == stop_at:
                raise KeyboardInterrupt
            return {}

        monkeypatch.setattr(stages, "_watch", watch)
        if stop_at is not None:
            with pytest.raises(KeyboardInterrupt):
                stages.train_model(run, renders, 160, device="cpu")
            monkeypatch.setattr(stages, "_watch", lambda *_: {})
        stages.train_model(run, renders, 160, device="cpu")
        states[name] = torch.load(run / "model.pt", weights_only=True)
    assert states["whole"]["seen"] == states["stopped"]["seen"] == 160
    for key, value in states["whole"]["average"].items():
        assert torch.equal(value, states["stopped"]["average"][key]), key
