"""Whole portraits drawn at random: people, circumstances and what they show."""

from dataclasses import dataclass

import numpy as np

from icaedit.portraits.expressions import ACTION_UNITS, express
from icaedit.portraits.parameters import (
    CONTEXT,
    IDENTITY,
    PortraitParameters,
    sample_contexts,
    sample_identities,
)
from icaedit.schema import EMOTIONS

__all__ = ["MixedPortraits", "mixed_portraits", "portraits_of", "sample_portraits"]


def portraits_of(
    identities: np.ndarray,
    emotions: list[str] | np.ndarray,
    *,
    contexts: np.ndarray | None = None,
    intensity: float | np.ndarray = 1.0,
    noise: float = 0.06,
    random_state: int | np.random.Generator = 0,
) -> PortraitParameters:
    """Return the parameters of given people showing given emotions.

    Parameters
    ----------
    identities : ndarray of shape (N, len(IDENTITY))
        One row a picture, as from `sample_identities`.
    emotions : sequence of str, length N
    contexts : ndarray of shape (N, len(CONTEXT)), optional
        Circumstances; the means where absent.
    intensity, noise, random_state
        As in `express`.

    Returns
    -------
    PortraitParameters of length N

    Examples
    --------
    >>> len(portraits_of(sample_identities(2), ["happy", "sad"]))
    2
    """
    if contexts is None:
        contexts = np.tile([mean for mean, _ in CONTEXT.values()], (len(identities), 1))
    units = express(
        emotions,
        intensity=intensity,
        expressiveness=identities[:, list(IDENTITY).index("expressiveness")],
        noise=noise,
        random_state=random_state,
    )
    return PortraitParameters(np.hstack([identities, contexts, units]).astype(np.float32))


def sample_portraits(n: int, *, random_state: int = 0) -> PortraitParameters:
    """Draw n portraits of n different people, each with a random emotion at full intensity.

    Parameters
    ----------
    n : int
    random_state : int
        The seed.

    Examples
    --------
    >>> len(sample_portraits(3))
    3
    """
    rng = np.random.default_rng(random_state)
    people = sample_identities(n, random_state=rng)
    contexts = sample_contexts(n, random_state=rng)
    emotions = [EMOTIONS[i] for i in rng.integers(0, len(EMOTIONS), n)]
    return portraits_of(people, emotions, contexts=contexts, random_state=rng)


@dataclass(frozen=True, eq=False)
class MixedPortraits:
    """Portraits to learn from: some posed, some half-hearted, some of no named emotion.

    Attributes
    ----------
    parameters : PortraitParameters of length N
    identity : ndarray of shape (N,), int64
        Number of the person.
    emotion : ndarray of shape (N,), int64
        Index into `EMOTIONS`; -1 where the action units are drawn at random.
    posed : ndarray of shape (N,), bool
        Whether an emotion is shown at full intensity.
    """

    parameters: PortraitParameters
    identity: np.ndarray
    emotion: np.ndarray
    posed: np.ndarray


def mixed_portraits(n_people: int, *, shots: int = 7, random_state: int = 0) -> MixedPortraits:
    """Draw people, each in several pictures with its own pose, light and expression.

    Of the pictures 15 % show random action units; of the others 60 % are posed fully and the
    rest at an intensity between 0.25 and 1.15.

    Parameters
    ----------
    n_people : int
    shots : int
        Pictures of each person; the emotions of seven pictures are the seven emotions.
    random_state : int
        The seed.

    Examples
    --------
    >>> mixed = mixed_portraits(2, shots=3)
    >>> mixed.identity.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    rng = np.random.default_rng(random_state)
    n = n_people * shots
    people = np.repeat(sample_identities(n_people, random_state=rng), shots, axis=0)
    order = [rng.permutation(len(EMOTIONS)) for _ in range(n_people)]
    emotion = np.concatenate([row[np.arange(shots) % len(EMOTIONS)] for row in order])
    full = rng.random(n) < 0.6
    intensity = np.where(full, 1.0, rng.uniform(0.25, 1.15, n))
    portraits = portraits_of(
        people,
        [EMOTIONS[i] for i in emotion],
        contexts=sample_contexts(n, random_state=rng),
        intensity=intensity,
        random_state=rng,
    )
    free = rng.random(n) < 0.15
    units = rng.beta(0.5, 1.1, (n, len(ACTION_UNITS))) * (rng.random((n, len(ACTION_UNITS))) < 0.4)
    values = portraits.values.copy()
    values[free, -len(ACTION_UNITS) :] = units[free]
    return MixedPortraits(
        parameters=PortraitParameters(values),
        identity=np.repeat(np.arange(n_people), shots),
        emotion=np.where(free, -1, emotion),
        posed=full & ~free,
    )
