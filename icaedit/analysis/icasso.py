"""ICASSO: do the components of the resamples fall into compact clusters?

Himberg, Hyvarinen & Esposito (2004): components of many runs are compared by the size of their
correlation, joined by average linkage, and each cluster is scored by its quality index
``Iq = mean similarity inside - mean similarity to the outside``, 1 for a component that comes
back exactly in every run and about 0 for one that does not.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

__all__ = ["Icasso", "cluster_components", "icasso_entry", "matched_quality"]


@dataclass(frozen=True, eq=False)
class Icasso:
    """Clusters of n components, best first.

    Attributes
    ----------
    linkage : ndarray of float64, (n - 1, 4)
        As scipy's `linkage` makes and draws it, over the distance ``1 - |correlation|``.
    labels : ndarray of int, (n,)
        Cluster of each component, from 0; run by run.
    iq : ndarray of float64, (n_clusters,)
    similarity : ndarray of float64, (n, n)
    """

    linkage: NDArray[np.float64]
    labels: NDArray[np.int64]
    iq: NDArray[np.float64]
    similarity: NDArray[np.float64]


def cluster_components(
    unmixing: NDArray[np.float64], products: NDArray[np.float64], n_clusters: int
) -> Icasso:
    """Cluster components.

    Parameters
    ----------
    unmixing : ndarray of float64, (n, n_cells)
        ``sources = unmixing @ cells``; none of them 0.
    products : ndarray of float64, (n_cells, n_cells)
        Inner products of the cells minus their means, so that those of the sources are
        correlations.
    n_clusters : int
        At most; usually as many as one run has components.

    Examples
    --------
    >>> runs = np.array([[1.0, 0.0], [0.0, 1.0], [0.1, -1.0], [-1.0, 0.0]])
    >>> clusters = cluster_components(runs, np.eye(2), 2)
    >>> clusters.labels.tolist(), clusters.iq.round(2).tolist()
    ([0, 1, 1, 0], [0.95, 0.95])
    """
    similarity = np.minimum(np.abs(_correlations(unmixing, unmixing, products)), 1.0)
    np.fill_diagonal(similarity, 1.0)
    similarity = (similarity + similarity.T) / 2
    tree = linkage(squareform(1 - similarity, checks=False), method="average")
    labels = fcluster(tree, n_clusters, criterion="maxclust") - 1
    member = np.eye(labels.max() + 1)[labels]  # (n, n_clusters)
    sizes = member.sum(axis=0)
    inside = np.einsum("nc,nm,mc->c", member, similarity, member, optimize=True)
    outside = member.T @ similarity.sum(axis=1) - inside
    others = sizes * (len(labels) - sizes)
    iq = inside / sizes**2 - outside / np.maximum(others, 1)
    order = np.argsort(-iq, kind="stable")
    return Icasso(tree, np.argsort(order)[labels], iq[order], similarity)


def matched_quality(
    clusters: Icasso,
    unmixing: NDArray[np.float64],
    chosen: NDArray[np.float64],
    products: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the Iq of the cluster that is most like each chosen component, (m,).

    Parameters
    ----------
    clusters : Icasso
        Of `unmixing`.
    unmixing : ndarray of float64, (n, n_cells)
    chosen : ndarray of float64, (m, n_cells)
        Components of the fit itself.
    products : ndarray of float64, (n_cells, n_cells)
    """
    likeness = np.abs(_correlations(chosen, unmixing, products))  # (m, n)
    member = np.eye(len(clusters.iq))[clusters.labels]
    return clusters.iq[(likeness @ member / member.sum(axis=0)).argmax(axis=1)]


def icasso_entry(clusters: Icasso, n_replicates: int) -> dict[str, Any]:
    """Return what a dendrogram needs, as JSON can hold it, at most some ten kilobytes."""
    return {
        "n_replicates": n_replicates,
        "linkage": [
            [int(a), int(b), round(float(height), 4), int(size)]
            for a, b, height, size in clusters.linkage
        ],
        "labels": clusters.labels.tolist(),
        "iq": [round(float(value), 4) for value in clusters.iq],
    }


def _correlations(
    a: NDArray[np.float64], b: NDArray[np.float64], products: NDArray[np.float64]
) -> NDArray[np.float64]:
    lengths = [np.sqrt(np.vecdot(rows @ products, rows)) for rows in (a, b)]
    return a @ products @ b.T / np.outer(*lengths)
