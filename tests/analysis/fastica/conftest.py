"""Mixtures whose sources are known."""

import numpy as np
import pytest


@pytest.fixture
def mixtures():
    """B problems (K, D) of Laplace sources, the mixing and the sources."""

    def make(count=4, size=5, samples=3000, seed=0):
        rng = np.random.default_rng(seed)
        sources = rng.laplace(size=(count, size, samples)) + 0.2
        mixing = rng.normal(size=(count, size, size))
        return mixing @ sources, mixing, sources

    return make


@pytest.fixture
def amari():
    """Distance of ``unmixing @ mixing`` from a scaled permutation (Amari et al. 1996), 0 to 1."""

    def distance(product):
        size = np.abs(product)
        rows = (size.sum(1) / size.max(1) - 1).sum()
        columns = (size.sum(0) / size.max(0) - 1).sum()
        return (rows + columns) / (2 * len(size) * (len(size) - 1))

    return distance
