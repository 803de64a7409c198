"""FastICA as an estimator: scikit-learn's, on this engine.

Parameters, attributes, transforms and warnings are those of `sklearn.decomposition.FastICA`, of
which it is a subclass. What differs is what goes wrong there: whitening rows are never zeroed by
the sign of an entry that is 0; components of no variance are left out, with a warning, in place of
being divided by rounding noise; the Gram matrix of ``whiten_solver="eigh"`` is float64 for float32
data; deflation that does not converge says so.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
import sklearn.decomposition
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning as SklearnConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from icaedit.analysis.fastica.contrasts import Contrast, find_contrast, from_callable, log_cosh
from icaedit.analysis.fastica.deflation import deflate
from icaedit.analysis.fastica.rotation import rotate_many
from icaedit.errors import ConvergenceWarning, InputError

__all__ = ["EstimatorConvergenceWarning", "FastICA", "fastica"]


class EstimatorConvergenceWarning(ConvergenceWarning, SklearnConvergenceWarning):
    """Of icaedit and of scikit-learn, so that either may be caught."""


class FastICA(sklearn.decomposition.FastICA):
    """Independent component analysis, a drop-in for scikit-learn's estimator.

    Hyvarinen & Oja 2000. Takes the same parameters, which `sklearn.decomposition.FastICA`
    documents, and sets the same attributes: ``components_`` (n_components, n_features),
    ``mixing_`` (n_features, n_components), ``mean_`` (n_features,), ``whitening_``
    (n_components, n_features), ``n_iter_``, ``n_features_in_``. float32 data give float32
    attributes.

    Parameters
    ----------
    n_components : int, optional
    algorithm : {'parallel', 'deflation'}
    whiten : {'unit-variance', 'arbitrary-variance', False}
    fun : {'logcosh', 'exp', 'cube'} or callable
        A callable returns g(x) and the mean of g'(x) over the last axis.
    fun_args : dict, optional
        ``{"alpha": a}``, a in [1, 2], for logcosh; keyword arguments of a callable.
    max_iter : int
    tol : float
    w_init : array_like of float, (n_components, n_components), optional
    whiten_solver : {'svd', 'eigh'}
    random_state : int, RandomState or None

    Warns
    -----
    EstimatorConvergenceWarning
        If the tolerance was not met within max_iter.
    UserWarning
        If fewer components are returned than were asked for.

    Examples
    --------
    >>> sources = np.random.default_rng(0).laplace(size=(2000, 2))
    >>> ica = FastICA(random_state=0).fit(sources @ [[1.0, 0.2], [0.5, 1.0]])
    >>> ica.mixing_.shape, ica.transform(sources).shape
    ((2, 2), (2000, 2))
    """

    def fit(self, X: ArrayLike, y: Any = None) -> "FastICA":
        """Fit to X, (n_samples, n_features); y is ignored."""
        self._validate_params()
        self._fit_transform(X, compute_sources=False)
        return self

    def fit_transform(self, X: ArrayLike, y: Any = None) -> NDArray:
        """Fit to X and return its sources, (n_samples, n_components)."""
        self._validate_params()
        return self._fit_transform(X, compute_sources=True)

    def _fit_transform(self, X: ArrayLike, compute_sources: bool = False) -> NDArray | None:
        x = validate_data(self, X, dtype=[np.float64, np.float32], ensure_min_samples=2).T
        contrast = self._contrast()
        random_state = check_random_state(self.random_state)
        n_components = self._wanted_components(x.shape)
        mean = whitening = None
        if self.whiten:
            mean = x.mean(axis=-1)
            x = x - mean[:, None]
            whitening = _whitening(x, mean, self.whiten_solver, n_components)
            white = whitening @ x * x.dtype.type(np.sqrt(x.shape[1]))
        else:
            white = x
        start = self._start(n_components, random_state, x.dtype)[: len(white), : len(white)]
        unmixing = self._rotation(white, start, contrast).astype(x.dtype)

        sources = None
        if self.whiten == "unit-variance" or compute_sources:
            sources = (unmixing @ (x if whitening is None else whitening @ x)).T
        if self.whiten == "unit-variance":
            deviation = sources.std(axis=0)
            sources /= deviation
            unmixing /= deviation[:, None]
        if self.whiten:
            self.components_ = unmixing @ whitening
            self.mean_, self.whitening_ = mean, whitening
        else:
            self.components_ = unmixing
        self.mixing_ = scipy.linalg.pinv(self.components_, check_finite=False)
        self._unmixing = unmixing
        return sources if compute_sources else None

    def _contrast(self) -> Contrast:
        arguments = {} if self.fun_args is None else self.fun_args
        alpha = arguments.get("alpha", 1.0)
        if not 1 <= alpha <= 2:
            raise InputError(
                f"got fun_args with alpha {alpha!r}, but alpha must be in [1,2]; leave it out if "
                "unsure"
            )
        if callable(self.fun):
            return _of_callable(self.fun, arguments, one_row=self.algorithm == "deflation")
        return log_cosh(alpha) if self.fun == "logcosh" else find_contrast(self.fun)

    def _wanted_components(self, shape: tuple[int, int]) -> int:
        most, wanted = min(shape), self.n_components
        if not self.whiten and wanted is not None:
            wanted = None
            warnings.warn("Ignoring n_components with whiten=False.", stacklevel=4)
        if wanted is not None and wanted > most:
            warnings.warn(
                f"n_components is too large: it will be set to {most}", stacklevel=4
            )
        return most if wanted is None else min(wanted, most)

    def _start(
        self, size: int, random_state: np.random.RandomState, dtype: np.dtype
    ) -> NDArray:
        if self.w_init is None:
            return random_state.normal(size=(size, size)).astype(dtype)
        start = np.asarray(self.w_init)
        if start.shape != (size, size):
            raise InputError(
                f"w_init has invalid shape: got {start.shape}, but it should be {(size, size)}; "
                "give one row and column per component"
            )
        return start

    def _rotation(self, white: NDArray, start: NDArray, contrast: Contrast) -> NDArray:
        if self.algorithm == "deflation":
            matrix, counts, met = deflate(
                white, start, contrast, max_iter=self.max_iter, tol=self.tol
            )
            self.n_iter_, converged = int(counts.max()), bool(met.all())
        else:
            found = rotate_many(
                [(white, start[None])],
                fun=contrast,
                max_iter=self.max_iter,
                tol=self.tol,
                lead=False,
            )
            matrix = found.matrix[0]
            self.n_iter_, converged = int(found.n_iter[0]), bool(found.converged[0])
        if not converged:
            warnings.warn(
                "FastICA did not converge. Consider increasing tolerance or the maximum number "
                f"of iterations: got a change of {self.tol:g} or more after {self.n_iter_} "
                "iterations.",
                EstimatorConvergenceWarning,
                stacklevel=4,
            )
        return matrix


def fastica(
    X: ArrayLike,
    n_components: int | None = None,
    *,
    algorithm: str = "parallel",
    whiten: str | bool = "unit-variance",
    fun: str | Callable = "logcosh",
    fun_args: dict | None = None,
    max_iter: int = 200,
    tol: float = 1e-4,
    w_init: ArrayLike | None = None,
    whiten_solver: str = "svd",
    random_state: Any = None,
    return_X_mean: bool = False,
    compute_sources: bool = True,
    return_n_iter: bool = False,
) -> list:
    """Fit `FastICA`; as `sklearn.decomposition.fastica`, whose signature it keeps.

    Returns
    -------
    list
        The whitening matrix or None, the unmixing matrix of white data, the sources or None, and
        if asked for the mean of X and the number of iterations.

    Examples
    --------
    >>> sources = np.random.default_rng(0).laplace(size=(2000, 2))
    >>> [part.shape for part in fastica(sources, random_state=0)]
    [(2, 2), (2, 2), (2000, 2)]
    """
    ica = FastICA(
        n_components,
        algorithm=algorithm,
        whiten=whiten,
        fun=fun,
        fun_args=fun_args,
        max_iter=max_iter,
        tol=tol,
        w_init=w_init,
        whiten_solver=whiten_solver,
        random_state=random_state,
    )
    ica._validate_params()
    sources = ica._fit_transform(X, compute_sources=compute_sources)
    result = [ica.whitening_ if whiten else None, ica._unmixing, sources]
    if return_X_mean:
        result.append(ica.mean_ if whiten else None)
    if return_n_iter:
        result.append(ica.n_iter_)
    return result


def _of_callable(fun: Callable, arguments: dict, *, one_row: bool) -> Contrast:
    if not one_row:
        return from_callable(lambda y: fun(y, **arguments))

    def curve(row: NDArray) -> tuple[NDArray, NDArray]:
        result = fun(row, **arguments)
        if not isinstance(result, tuple):
            return result
        return result[0], np.mean(result[1])

    one = from_callable(curve)

    def curve_of_rows(y: NDArray) -> tuple[NDArray, NDArray]:
        curves = [one.curve(row) for row in y]  # in deflation a function sees a vector
        return np.stack([g for g, _ in curves]), np.stack([slope for _, slope in curves])

    return Contrast(curve_of_rows, one.distance, whole_rows=True)


def _whitening(x: NDArray, mean: NDArray, solver: str, n_components: int) -> NDArray:
    """Return the rows, (n, n_features), that whiten centred x, (n_features, n_samples)."""
    n_features, n_samples = x.shape
    eps = 10 * min(x.shape) * np.finfo(x.dtype).eps
    if solver == "eigh":
        exact = x.astype(np.float64, copy=False)
        values, vectors = np.linalg.eigh(exact @ exact.T)
        values, vectors = values[::-1][: min(x.shape)], vectors[:, ::-1][:, : min(x.shape)]
        singular = np.sqrt(np.maximum(values, 0.0))
        eps = max(eps, np.sqrt(10 * n_features * np.finfo(np.float64).eps))
    else:
        vectors, singular, _ = scipy.linalg.svd(x, full_matrices=False, check_finite=False)
    # what rounding of the data leaves behind, its offset included
    noise = eps * max(float(singular[0]), 0.0)
    noise += 10 * np.finfo(x.dtype).eps * float(np.abs(mean).max()) * np.sqrt(n_samples)
    kept = singular > noise
    if not kept.any():
        raise InputError(
            "got features that are constant, expected some that vary; check the data"
        )
    if kept.sum() < n_components:
        warnings.warn(
            f"There are some small singular values: got data of rank {kept.sum()}, expected at "
            f"least {n_components}; fewer components are returned",
            stacklevel=4,
        )
    kept[n_components:] = False
    vectors = vectors[:, kept]
    # the same eigenvectors from both solvers
    vectors = vectors * np.where(vectors[0] < 0, -1.0, 1.0)
    return (vectors / singular[kept]).T.astype(x.dtype)
