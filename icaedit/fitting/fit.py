"""The bridge between files of latents and the numerical core."""

from collections.abc import Callable

import numpy as np

import icaedit.analysis as analysis
from icaedit.artifacts import Directions, LatentSet
from icaedit.fitting.provenance import neutral_scores, versions
from icaedit.fitting.streamed import fit_directions_streamed, is_large

__all__ = ["fit_directions"]


def fit_directions(
    latents: LatentSet,
    *,
    method: str = "group-ica",
    threshold: str | float = "mean",
    sided: str | None = None,
    estimand: str = "emotion",
    n_components: int | None = None,
    random_state: int = 0,
    n_bootstrap: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Directions:
    """Find one direction per emotion in encoded pictures.

    Parameters
    ----------
    latents : LatentSet
        Latents (N, L, C) with the person and emotion of each picture. People with NaN or Inf in
        a latent are left out, by name.
    method : str
        ``"group-ica"``, ``"paper"``, ``"mean-difference"``, ``"pca"`` or ``"svm"``.
    threshold : str or float
        Which coordinates are kept: ``"mean"``, ``"median"``, ``"none"``, ``"fdr"`` or a number in
        latent units.
    sided : str, optional
        ``"one"`` keeps coordinates above the threshold only, ``"two"`` those below its negative
        as well. By default one for the method ``"paper"`` and two for every other.
    estimand : str
        For group-ica: ``"emotion"`` as posed, or one independent ``"component"`` for each.
    n_components : int, optional
        For group-ica: components among which the emotions are sought; by default as many as stand
        out from noise, 8 to 12 for seven emotions.
    random_state : int
        Seed; the same seed gives the same directions.
    n_bootstrap : int, optional
        Resamplings of people behind the stability report; 0 leaves it out. By default 1000, or
        200 for methods whose refits are slow. More than 6000 pictures are fitted in passes
        without any, by `fit_directions_streamed`, unless a number is given.
    progress : callable, optional
        Called as ``progress(done, total)`` with the resamplings done, which take most of the time.

    Returns
    -------
    Directions
        With the fit's diagnostics in ``report`` and where it came from in ``provenance``.

    Raises
    ------
    InputError
        If an option is unusable.
    DatasetError
        If the pictures cannot tell the directions; see `icaedit.analysis.fit_directions`.

    Warns
    -----
    IcaeditWarning
        As `icaedit.analysis.fit_directions`: people left out, doubled pictures, unstable or
        unsettled components, ...

    Examples
    --------
    >>> import numpy as np
    >>> smile = np.array([[0.0, 3.0], [-1.0, 0.0]])
    >>> people = np.random.default_rng(0).normal(size=(4, 1, 2, 2))
    >>> codes = np.concatenate([people, people + smile], axis=1).reshape(8, 2, 2)
    >>> pictures = LatentSet(codes, np.repeat(list("abcd"), 2), emotion=["NE", "HA"] * 4)
    >>> directions = fit_directions(pictures, method="mean-difference")
    >>> (2 * directions["happy"]).round(4).tolist()
    [[0.0, 3.0], [0.0, 0.0]]
    """
    if is_large(latents, method) and not n_bootstrap:
        return fit_directions_streamed(
            latents,
            method=method,
            threshold=threshold,
            sided=sided,
            estimand=estimand,
            n_components=n_components,
            random_state=random_state,
        )
    fit = analysis.fit_directions(
        latents.latents,
        latents.identity,
        latents.emotion,
        method=method,
        threshold=threshold,
        sided=sided,
        estimand=estimand,
        n_components=n_components,
        random_state=random_state,
        n_bootstrap=n_bootstrap,
        progress=progress,
    )
    stability = fit.report["stability"]
    digest = latents.dataset_digest  # of all that was given, also of what was left out
    latents = latents if fit.used.all() else latents.select(fit.used)
    people = latents.identity[latents.emotion == "neutral"]
    each = np.unique(people, return_inverse=True)[1]
    weights = 1.0 / np.bincount(each)[each]
    neutral = np.average(
        latents.latents[latents.emotion == "neutral"].astype(np.float64), axis=0, weights=weights
    )
    return Directions(
        fit.emotions,
        fit.vectors,
        masks=fit.masks,
        patterns=fit.patterns,
        posed_strength=fit.posed_strength,
        method=fit.method,
        threshold=fit.threshold,
        sided=fit.sided,
        report=fit.report,
        model_fingerprint=latents.model_fingerprint,
        provenance={
            "dataset_digest": digest,
            "estimand": fit.estimand,
            "neutral_score": neutral_scores(neutral, fit.emotions, fit.vectors),
            "identities": sorted(set(latents.identity.tolist())),
            "n_identities": len(set(latents.identity.tolist())),
            "n_images": len(latents),
            "n_bootstrap": 0 if stability is None else stability["n_bootstrap"],
            "n_components": (fit.report["ica"] or {}).get("n_components"),
            "random_state": int(random_state),
            "views": sorted(set(latents.view.tolist()) - {""}),
            "versions": versions(),
        },
    )
