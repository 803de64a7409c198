"""An optimiser for weight matrices whose steps turn all directions alike."""

import torch
from torch import Tensor, nn

__all__ = ["Muon", "matrix_groups", "orthogonalise"]

_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalise(matrices: Tensor, steps: int = 5) -> Tensor:
    """Bring the singular values of matrices (..., R, K) near 1.

    Newton-Schulz iteration with the quintic of Jordan et al. (2024, "Muon: an optimizer for
    hidden layers"), in bfloat16: the values end between about 0.7 and 1.2.
    """
    x = matrices.to(torch.bfloat16)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (torch.linalg.matrix_norm(x.float(), keepdim=True).to(x.dtype) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * (gram @ gram)) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalised, matrix by matrix.

    Unlike `torch.optim.Muon` it takes convolutions and stacks of matrices. An update has the root
    mean square ``lr * scale``.

    Parameters
    ----------
    groups : list of dict
        Each with ``params``, ``matrices`` (M, R), read as M matrices of R rows (output channels),
        and ``scale``, the root mean square of the weights at the start.
    momentum : float
    """

    def __init__(self, groups: list[dict], *, momentum: float = 0.95) -> None:
        super().__init__(groups, {"lr": 1e-2, "matrices": (1, 1), "scale": 1.0})
        self.momentum = momentum

    @torch.no_grad()
    def step(self) -> None:
        """Take one step; parameters without a gradient stay."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["velocity"] = torch.zeros_like(weight)
                velocity = state["velocity"].lerp_(weight.grad, 1 - self.momentum)
                update = weight.grad.lerp(velocity, self.momentum)
                made = orthogonalise(update.reshape(*group["matrices"], -1))
                # an orthonormal (R, K) has mean square 1 / max(R, K)
                size = group["lr"] * group["scale"] * max(made.shape[-2:]) ** 0.5
                weight.add_(made.reshape(weight.shape).to(weight.dtype), alpha=-size)


def matrix_groups(module: nn.Module) -> tuple[list[dict], list[nn.Parameter]]:
    """Split a model's parameters: groups for `Muon`, and the rest for Adam.

    Matrices of at least 16 rows and columns go to `Muon`: dense layers, convolutions, and the
    heads' stacks of either.
    """
    groups, rest = [], []
    stacks = {
        id(conv.weight): conv.groups for conv in module.modules() if isinstance(conv, nn.Conv2d)
    }
    for weight in module.parameters():
        count = stacks.get(id(weight), len(weight) if weight.ndim == 3 else 1)
        rows = weight.shape[1] if weight.ndim == 3 else (len(weight) if weight.ndim else 1) // count
        columns = weight.numel() // max(1, count * rows)
        if weight.ndim < 2 or min(rows, columns) < 16 or count * rows * columns != weight.numel():
            rest.append(weight)
            continue
        scale = float(weight.detach().square().mean().sqrt())
        groups.append({"params": [weight], "matrices": (count, rows), "scale": scale})
    return groups, rest
