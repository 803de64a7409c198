import pytest
import torch

from icaedit.editor.likeness import likeness_loss, pyramid_distance


def picture(seed=0, size=64):
    return torch.rand((1, 3, size, size), generator=torch.Generator().manual_seed(seed)) * 2 - 1


def shifted(pixels, by):
    return torch.roll(pixels, by, dims=3)


def smooth(size=64):
    line = torch.sin(torch.arange(size) * 2 * torch.pi / size)
    return line.expand(1, 3, size, size).clone()


def test_equal_pictures_are_at_no_distance():
    assert pyramid_distance(picture(), picture()) == 0
    assert likeness_loss(picture(), picture()) == 0


def test_the_distance_is_symmetric_and_scales():
    a, b = picture(0), picture(1)
    assert torch.isclose(pyramid_distance(a, b), pyramid_distance(b, a))
    assert torch.isclose(pyramid_distance(2 * a, 2 * b), 2 * pyramid_distance(a, b))


def test_an_even_change_of_brightness_counts_once_and_not_at_every_level():
    a = picture()
    assert torch.isclose(pyramid_distance(a, a + 0.25), torch.tensor(0.25), atol=1e-6)


def test_a_change_counts_at_its_own_width():
    checks = torch.tensor([1.0, -1.0]).repeat(32).expand(1, 3, 64, 64)
    wide = smooth()
    wide *= checks.abs().mean() / wide.abs().mean()
    nothing = torch.zeros_like(wide)
    # the finest stripes vanish when reduced and count at the first level; wide ones at the last
    assert float(pyramid_distance(checks, nothing)) == pytest.approx(1, abs=1e-6)
    assert 1 <= float(pyramid_distance(wide, nothing)) < 1.15


def test_likeness_adds_the_squared_difference_of_pixels():
    a = picture()
    assert torch.isclose(likeness_loss(a, a + 0.5), torch.tensor(0.5 + 0.25), atol=1e-6)


@pytest.mark.parametrize("size", [8, 16, 17, 100])
def test_a_gradient_comes_through_at_every_size(size):
    a = picture(0, size).requires_grad_(True)
    likeness_loss(a, picture(1, size)).backward()
    assert (a.grad != 0).float().mean() > 0.99
