"""A small study of rendered people, run once."""

from types import SimpleNamespace

import numpy as np
import pytest

from icaedit.artifacts import Directions
from icaedit.models import tiny_model
from icaedit.recognition import Augmentation, TrainingSettings
from icaedit.studies import (
    HeadSettings,
    StudySettings,
    plan_hard_portraits,
    rendered_source,
    run_study,
)

PEOPLE = {"train": 2, "validation": 1, "test": 3}
SHOTS = dict.fromkeys(PEOPLE, 1)


@pytest.fixture(scope="session")
def tiny():
    """A model whose latents mean nothing, and directions in them."""
    model = tiny_model()
    patterns = np.random.default_rng(0).laplace(size=(1, model.n_layers, model.n_channels))
    masks = np.abs(patterns) > 0.5
    directions = Directions(
        ("happy",),
        patterns * masks,
        masks=masks,
        patterns=patterns,
        posed_strength={"happy": 3.0},
        method="mean-difference",
        threshold="mean",
        model_fingerprint=model.fingerprint,
    )
    return SimpleNamespace(model=model, directions=directions)


@pytest.fixture(scope="session")
def settings():
    training = TrainingSettings(
        epochs=1, batch_size=7, head="own", augmentation=Augmentation(flip=0, shift=0)
    )
    return StudySettings(
        backbones=("dacl",),
        seeds=(0, 1),
        image_size=32,
        training={"dacl": training},
        head=HeadSettings(hidden=8, epochs=2, batch_size=7, weight_decays=(1e-2,)),
        along_epochs=1,
        people=PEOPLE,
        shots=SHOTS,
        n_bootstrap=50,
    )


@pytest.fixture(scope="session")
def study(tiny, settings, tmp_path_factory):
    """Its faces, its folder, and what came out."""
    folder = tmp_path_factory.mktemp("study")
    plan = plan_hard_portraits(people=PEOPLE, shots=SHOTS)
    source = rendered_source(folder / "faces", tiny.model, plan=plan, directions=tiny.directions)
    said = []
    result = run_study(
        source,
        folder / "trainings",
        settings=settings,
        progress=lambda what, done, total: said.append((what, done, total)),
    )
    return SimpleNamespace(source=source, folder=folder, plan=plan, result=result, said=said)
