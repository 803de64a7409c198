import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from icaedit.errors import InputError
from icaedit.evaluation import psnr, ssim
from icaedit.evaluation.similarity import decibels, squared_error

RNG = np.random.default_rng(4)
A = RNG.integers(0, 256, (3, 20, 26, 3), dtype=np.uint8)
NEAR = np.clip(A.astype(int) + RNG.integers(-20, 21, A.shape), 0, 255).astype(np.uint8)
FAR = RNG.integers(0, 256, A.shape, dtype=np.uint8)


@pytest.mark.parametrize("other", [NEAR, FAR], ids=["near", "far"])
def test_psnr_is_that_of_scikit_image_over_all_pictures(other):
    assert psnr(A, other) == pytest.approx(peak_signal_noise_ratio(A, other), abs=1e-9)


@pytest.mark.parametrize("other", [NEAR, FAR, 255 - A], ids=["near", "far", "negative"])
def test_ssim_is_that_of_scikit_image_with_a_gaussian_window(other):
    expected = [
        structural_similarity(
            a, b, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for a, b in zip(A, other, strict=True)
    ]
    np.testing.assert_allclose(ssim(A, other), expected, atol=1e-9)


def test_equal_pictures_are_alike_without_end():
    assert psnr(A, A) == math.inf
    np.testing.assert_allclose(ssim(A, A), 1)


def test_sums_of_batches_give_the_ratio_of_all():
    parts = [squared_error(A[rows], NEAR[rows]) for rows in (slice(0, 1), slice(1, 3))]
    assert decibels(*np.sum(parts, axis=0)) == pytest.approx(psnr(A, NEAR))


def test_only_what_the_window_shows_counts():
    other = A.copy()
    other[:, :, :10] = 255 - other[:, :, :10]
    other[:, :, 10:] ^= 1  # off by one level
    window = np.zeros(A.shape[:3], np.uint8)
    window[:, 3:9, 12:20] = 255
    assert psnr(A, other, window=window) == pytest.approx(20 * np.log10(255))
    assert psnr(A, other) < 10
    window[:, 3:9, 2:8] = 51  # a fifth
    error, weight = squared_error(A, other, window=window)
    assert weight == pytest.approx(3 * 3 * (6 * 8 + 6 * 6 / 5))
    inside = (255 - 2.0 * A[:, 3:9, 2:8]) ** 2
    assert error == pytest.approx(3 * 3 * 6 * 8 + inside.sum() / 5)


def test_an_empty_window_has_no_ratio():
    assert math.isnan(psnr(A, NEAR, window=np.zeros(A.shape[:3], np.uint8)))


def test_pictures_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="of the same shape"):
        psnr(A, A[:, :10])
    with pytest.raises(InputError, match="expected uint8"):
        ssim(A / 255, A / 255)
    with pytest.raises(InputError, match="at least 11 a side"):
        ssim(A[:, :10], A[:, :10])
    with pytest.raises(InputError, match="got a window of shape"):
        psnr(A, A, window=np.ones((3, 20, 20)))
