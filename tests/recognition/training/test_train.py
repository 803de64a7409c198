"""Training: it learns what there is to learn, repeats itself, and refuses what cannot be."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from icaedit.artifacts import LatentSet
from icaedit.datasets import Record
from icaedit.errors import DatasetError, FormatError, IcaeditWarning, InputError, ModelMismatchError
from icaedit.recognition import (
    Augmentation,
    CollaborativeEncoder,
    TrainingSettings,
    load_backbone,
    train_recogniser,
)
from icaedit.recognition.training import loop

STILL = Augmentation(flip=0, shift=0)


def contents(recogniser, path):
    recogniser.save(path)
    return path.read_bytes()


def test_what_the_latents_tell_is_learnt(trained, world):
    training = trained.provenance["training"]
    assert training["mean_class_accuracy"] == 1
    found = trained.predict(world.images(), world.latents).argmax(1)
    assert [world.emotions[place] for place in found] == [r.emotion for r in world.records]


def test_the_latents_take_part_by_the_coordinates_of_the_mask_only(trained, world):
    images, codes = world.images(), world.latents.latents.copy()
    before = trained.predict(images, codes)
    codes[:, 0] += 50
    codes[:, 1, 3] -= 50
    np.testing.assert_array_equal(trained.predict(images, codes), before)
    codes[:, 1, :3] = codes[::-1, 1, :3]
    assert np.abs(trained.predict(images, codes) - before).max() > 0.01


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(world, tmp_path):
    varied = Augmentation(flip=0.5, shift=0.1, erase=0.5, sketch=0.5)
    one, two, other = (
        contents(world.train(augmentation=varied, random_state=seed), tmp_path / "r.safetensors")
        for seed in (0, 0, 1)
    )
    assert one == two
    assert one != other


def test_training_leaves_arguments_and_generators_alone(world):
    backbone = world.backbone()
    before = {name: entry.clone() for name, entry in backbone.state_dict().items()}
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    world.train(backbone=backbone)
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(before[name], w) for name, w in backbone.state_dict().items())
    assert all(weight.requires_grad for weight in backbone.parameters())


def test_a_frozen_network_stays_bit_for_bit(world):
    backbone = world.backbone()
    frozen = world.train(backbone=backbone, train_backbone=False)
    same = frozen.backbone.state_dict()
    assert all(torch.equal(same[name], w) for name, w in backbone.state_dict().items())


def test_features_computed_once_train_as_those_computed_each_time(world, monkeypatch):
    """Without variation the two must agree; a rate of shifting too small to matter forces one."""
    quick = {"train_backbone": False, "epochs": 4}
    once = world.train(augmentation=STILL, **quick)
    each = world.train(augmentation=Augmentation(flip=0, shift=1e-9), **quick)
    images = world.images()
    np.testing.assert_allclose(
        once.scores(images, world.latents), each.scores(images, world.latents), atol=1e-4
    )


def test_the_kept_weights_are_those_of_the_best_epoch(world):
    recogniser = world.train(epochs=6, learning_rate=0.5, schedule="constant")
    training = recogniser.provenance["training"]
    ranks = [(h["mean_class_accuracy"], -h["validation_loss"]) for h in training["history"]]
    assert training["best_epoch"] == 1 + ranks.index(max(ranks))
    people = recogniser.provenance["people"]["validation"]
    rows = [row for row, r in enumerate(world.records) if r.identity in people]
    found = recogniser.predict(world.images()[rows], world.latents.latents[rows]).argmax(1)
    right = np.mean([world.emotions[p] == world.records[row].emotion
                     for p, row in zip(found, rows, strict=True)])  # fmt: skip
    assert right == training["accuracy"]


@pytest.mark.parametrize(
    ("patience", "expected"), [(1, (3, 2)), (2, (5, 3)), (None, (6, 6))]
)
def test_training_stops_where_it_gets_no_better(world, monkeypatch, patience, expected):
    values = iter([(0.5, 0.9), (0.6, 0.9), (0.6, 0.9), (0.6, 0.95), (0.5, 0.1), (0.7, 0.2)])
    if patience == 2:  # of equals the one with the lower loss
        values = iter([(0.5, 0.9), (0.6, 0.9), (0.6, 0.8), (0.6, 0.8), (0.5, 0.1), (0.7, 0.2)])

    def judged(*_, **__):
        accuracy, loss = next(values)
        return {
            "mean_class_accuracy": accuracy, "validation_loss": loss, "accuracy": accuracy,
            "n_validation": 6,
        }  # fmt: skip

    monkeypatch.setattr(loop, "validated", judged)
    training = world.train(epochs=6, patience=patience, train_backbone=False,
                           augmentation=STILL).provenance["training"]  # fmt: skip
    assert (training["epochs"], training["best_epoch"]) == expected


def with_part(records, part_of):
    return [replace(record, split=part_of(record)) for record in records]


def test_the_test_part_is_never_looked_at(world, tmp_path):
    gone = Record(tmp_path / "gone.png", "gone.png", "F9", "happy", split="test")
    part = {"F4": "validation", "F5": "validation"}
    records = with_part(world.records, lambda r: part.get(r.identity, "train"))
    recogniser = world.train(records=[*records, gone])
    assert recogniser.provenance["people"] == {
        "train": ["F0", "F1", "F2", "F3"],
        "validation": ["F4", "F5"],
        "test": ["F9"],
    }


def test_people_of_the_test_must_not_be_those_of_the_mask(world):
    records = with_part(world.records, lambda r: "test" if r.identity == "F0" else "train")
    mask = replace(world.mask, people=("F0", "G1"))
    with pytest.raises(DatasetError, match="got F0 in the test and among the people that the mask"):
        world.train(records=records, mask=mask)


def test_an_encoder_is_trained_along_and_gets_gradients(world):
    network = torch.nn.Sequential(
        torch.nn.AvgPool2d(8), torch.nn.Flatten(), torch.nn.Linear(3, 8),
        torch.nn.Unflatten(1, (2, 4)),
    )  # fmt: skip
    before = network[2].weight.detach().clone()
    encoder = CollaborativeEncoder(network, size=8, model_fingerprint="a" * 64)
    recogniser = world.train(latents=encoder, encoder_learning_rate=0.05, epochs=8,
                             augmentation=STILL)  # fmt: skip
    assert torch.equal(network[2].weight, before)
    moved = (recogniser.encoder.network[2].weight - before).abs()
    assert (moved[4:7] > 1e-3).any() and recogniser.model_fingerprint == "a" * 64
    # rows 7 and 0 to 3 make coordinates outside the mask: only weight decay moves them
    assert moved[[0, 1, 2, 3, 7]].max() < 1e-2 < moved[4:7].max()
    found = recogniser.predict(world.images()).argmax(1)
    assert np.mean([world.emotions[p] == r.emotion
                    for p, r in zip(found, world.records, strict=True)]) > 0.8  # fmt: skip


@pytest.mark.parametrize(
    "kind", [pytest.param("dan", marks=pytest.mark.slow), "dacl",
             pytest.param("rul", marks=pytest.mark.slow)]
)  # fmt: skip
def test_known_networks_train_with_their_own_losses_at_small_sizes(world, kind):
    backbone = load_backbone(kind, size=32, labels=world.emotions, training_parts=True)
    settings = {"epochs": 1, "augmentation": STILL, "backbone": backbone}
    both = world.train(own_loss_weight=0.5, class_weights=True, **settings)
    assert both.predict(world.images(), world.latents).shape == (18, 3)
    own = world.train(head="own", mask=None, latents=None, **settings)
    assert own.predict(world.images()).shape == (18, 3) and not own.uses_latents


def test_bfloat16_learns_too(world):
    training = world.train(precision="bfloat16", epochs=10, learning_rate=0.02).provenance
    assert training["training"]["mean_class_accuracy"] > 0.8


def test_a_batch_of_one_never_reaches_batch_norm(world):
    part = with_part(world.records, lambda r: "validation" if r.identity == "F5" else "train")
    fifteen = world.train(records=part, batch_size=7, epochs=1)  # 7, and 8 of what is left
    assert fifteen.provenance["training"]["n_train"] == 15


def test_a_loss_that_is_not_finite_is_told(world):
    with pytest.raises(InputError, match="loss of nan in epoch 1.*lower learning rate"):
        world.train(learning_rate=1e30, optimizer="sgd", loss="cross-entropy", batch_size=2)


def broken_copy(world, tmp_path, row=4):
    broken = tmp_path / "broken.png"
    broken.write_bytes(world.records[row].path.read_bytes()[:200])
    records = list(world.records)
    records[row] = replace(records[row], path=broken)
    return records


def test_a_picture_that_became_corrupt_is_named(world, tmp_path):
    with pytest.raises(FormatError, match="broken.png"):
        world.train(records=broken_copy(world, tmp_path))


@pytest.mark.parametrize("frozen", [False, True])
def test_a_corrupt_picture_is_left_out_and_counted_where_asked(world, tmp_path, frozen):
    records = broken_copy(world, tmp_path)
    part = with_part(records, lambda r: "validation" if r.identity == "F5" else "train")
    recogniser = world.train(
        records=part, unreadable="skip", train_backbone=not frozen, augmentation=STILL
    )
    training = recogniser.provenance["training"]
    assert list(training["unreadable"]["train"]) == ["F1/happy.png"]
    assert (training["n_train"], training["n_validation"]) == (14, 3)


def test_where_people_are_not_known_pictures_are_set_aside_with_a_warning(world):
    nameless = [replace(record, identity="") for record in world.records]
    with pytest.warns(IcaeditWarning, match="18 pictures of unknown people"):
        recogniser = world.train(records=nameless)
    assert recogniser.provenance["training"]["n_validation"] == 6


def of_emotions(records, *emotions):
    return [record for record in records if record.emotion in emotions]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"emotions": ("neutral", "happy", "sad", "angry")}, InputError, "no image that shows an"),
        ({"emotions": ("neutral", "happy")}, DatasetError, "6 pictures that show sad, such as F0/"),
        ({"mask": None}, InputError, "latents without a mask"),
        ({"latents": None}, InputError, "a mask without latents"),
        ({"mask": np.ones((2, 5), bool)}, ModelMismatchError, r"mask of shape \(2, 5\)"),
        ({"mask": np.ones((2, 4))}, InputError, "mask of float64"),
        ({"head": "own"}, InputError, "leave them out or choose head fusion"),
        ({"train_backbone": False, "own_loss_weight": 1.0}, InputError, "own_loss_weight"),
    ],
)
def test_arguments_that_contradict_each_other_are_refused(world, changes, error, message):
    with pytest.raises(error, match=message):
        world.train(**changes)


def test_latents_that_miss_a_picture_are_refused_by_its_name(world):
    with pytest.raises(InputError, match="no latents of F"):
        world.train(latents=world.latents.select(np.arange(17)))


def test_a_mask_of_another_model_is_refused(world):
    with pytest.raises(ModelMismatchError, match="mask for model bbbbbbbbbbbb"):
        world.train(mask=replace(world.mask, model="b" * 64))
    encoder = CollaborativeEncoder(torch.nn.Identity(), size=8, model_fingerprint="c" * 64)
    with pytest.raises(ModelMismatchError, match="latents of model cccccccccccc"):
        world.train(latents=encoder)


def test_a_network_of_other_classes_is_refused_for_its_own_loss(world):
    other = load_backbone("dacl", size=32, labels=["happy", "sad"], training_parts=True)
    with pytest.raises(InputError, match="has no class neutral"):
        world.train(backbone=other, own_loss_weight=1.0)
    more = load_backbone("dacl", size=32, labels=["happy", "sad", "neutral", "angry"])
    with pytest.raises(InputError, match="4 classes and 3 emotions"):
        world.train(backbone=more, head="own", mask=None, latents=None)


def test_where_the_result_came_from_is_in_it(trained, world):
    provenance = trained.provenance
    assert provenance["mask"]["kept"] == 3 and provenance["mask"]["model"] == "a" * 64
    assert provenance["latents_digest"] == world.latents.dataset_digest
    assert len(provenance["dataset_digest"]) == 64
    assert provenance["settings"]["epochs"] == 10
    assert len(provenance["training"]["history"]) == 10
    people = provenance["people"]
    assert not set(people["train"]) & set(people["validation"])
    assert sorted(people["train"] + people["validation"]) == [f"F{n}" for n in range(6)]


def test_latents_that_do_not_say_their_model_are_taken(world):
    nameless = LatentSet(
        world.latents.latents,
        world.latents.identity,
        emotion=world.latents.emotion,
        paths=world.latents.paths,
        digests=world.latents.digests,
    )
    assert world.train(latents=nameless).model_fingerprint == "a" * 64
    full = world.train(mask=np.ones((2, 4), bool))
    assert full.model_fingerprint == "a" * 64 and len(full.network.kept) == 8


def test_progress_counts_every_step(world):
    seen = []
    world.train(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 9) for n in range(1, 10)]  # three epochs of 5, 5 and 2 pictures


def test_two_pictures_are_the_least_to_train_on(world):
    part = {("F0", "happy"): "train", ("F1", "happy"): "validation"}
    records = [replace(r, split=part[r.identity, r.emotion]) for r in world.records
               if (r.identity, r.emotion) in part]  # fmt: skip
    with pytest.raises(DatasetError, match="one picture to train on"):
        train_recogniser(
            records, world.backbone(), emotions=["happy"], settings=TrainingSettings(epochs=1)
        )
