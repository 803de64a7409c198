"""Last layers on features and latents that stay as they are."""

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.studies import HeadSettings, Samples, fit_head

QUICK = HeadSettings(hidden=16, epochs=15, batch_size=16, weight_decays=(1e-2,), learning_rate=1e-2)
SHAPE = (2, 14)


def made(n, seed, *, features=True):
    """Pictures whose emotion stands in the first row of their latents, and not in the features."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 7)
    latents = rng.normal(size=(n, *SHAPE)).astype(np.float32)
    latents[:, 0, :7] += 4 * np.eye(7, dtype=np.float32)[labels]
    told = rng.normal(size=(n, 5)).astype(np.float32) if features else None
    return Samples(told, latents, labels)


@pytest.fixture(scope="module")
def parts():
    return made(140, 0), made(70, 1), made(140, 2)


def accuracy(head, samples):
    return (head.scores(samples).argmax(1) == samples.labels).mean()


def test_latents_that_tell_the_emotion_are_used(parts):
    train, validation, test = parts
    mask = np.zeros(SHAPE, bool)
    mask[0, :7] = True
    head = fit_head(train, validation, mask=mask, settings=QUICK)
    assert accuracy(head, test) > 0.9
    assert head.accuracy > 0.9


def test_masked_coordinates_are_not_looked_at(parts):
    train, validation, test = parts
    mask = np.zeros(SHAPE, bool)
    mask[1] = True  # where there is noise only
    head = fit_head(train, validation, mask=mask, settings=QUICK)
    assert accuracy(head, test) < 0.35
    changed = Samples(test.features, test.latents.copy(), test.labels)
    changed.latents[:, 0] = 7.0
    assert np.array_equal(head.scores(changed), head.scores(test))


def test_without_a_mask_latents_are_not_looked_at(parts):
    train, validation, test = parts
    head = fit_head(train, validation, mask=None, settings=QUICK)
    assert accuracy(head, test) < 0.35


def test_latents_alone_are_enough_where_they_tell_all():
    train, validation, test = (made(n, s, features=False) for n, s in ((140, 0), (70, 1), (70, 2)))
    mask = np.ones(SHAPE, bool)
    head = fit_head(train, validation, mask=mask, settings=QUICK)
    assert accuracy(head, test) > 0.8


def test_the_weight_decay_is_that_of_the_best_validation(parts):
    train, validation, _ = parts
    mask = np.ones(SHAPE, bool)
    each = {
        decay: fit_head(
            train, validation, mask=mask,
            settings=HeadSettings(hidden=16, epochs=3, weight_decays=(decay,)),
        ).accuracy
        for decay in (1e-2, 100.0)
    }  # fmt: skip
    assert each[1e-2] != each[100.0]
    both = HeadSettings(hidden=16, epochs=3, weight_decays=(100.0, 1e-2))
    head = fit_head(train, validation, mask=mask, settings=both)
    assert head.accuracy == max(each.values())
    assert head.weight_decay == max(each, key=each.get)


def test_the_reported_accuracy_is_that_of_the_kept_epoch(parts):
    train, validation, _ = parts
    head = fit_head(train, validation, mask=np.ones(SHAPE, bool), settings=QUICK)
    assert accuracy(head, validation) == pytest.approx(head.accuracy)
    assert 1 <= head.epoch <= QUICK.epochs


def test_a_seed_gives_the_same_scores_and_another_gives_others(parts):
    train, validation, test = parts
    scores = [
        fit_head(
            train, validation, mask=np.ones(SHAPE, bool), settings=QUICK, random_state=seed
        ).scores(test)
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])


def test_standardisation_is_by_the_training_alone(parts):
    train, validation, test = parts
    head = fit_head(train, validation, mask=np.ones(SHAPE, bool), settings=QUICK)
    norm = head.classifier.feature_norm
    assert np.allclose(norm.running_mean, train.features.mean(0), atol=1e-5)
    assert np.allclose(norm.running_var, train.features.var(0, ddof=1), atol=1e-4)


def test_neither_features_nor_latents_is_refused():
    samples = made(14, 0, features=False)
    with pytest.raises(InputError, match="got neither features nor latents"):
        fit_head(samples, samples, mask=None)
