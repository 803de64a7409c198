"""Changes of variables of a trained pair: other latents for the same pictures."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from training.stages import Pair

__all__ = ["centre_codes", "level_styles", "settle_lengths", "shorten_codes", "split_codes"]

LONGEST = 0.1
"""Share of a style's own length by which its length may vary from picture to picture."""

SETTLED_LENGTH, RIDGE = 15.0, 0.2
"""Length to which the styles of such a layer are brought, about that of the other layers, and the
share of its mean by which the diagonal of the fit is raised, which keeps its codes short."""

LOUDEST, RAISED = 2.0, 2.0
"""How far the codes of a layer may vary, in units of the median layer, and what the singular values
of the modulation of such a layer are raised to, in units of their mean."""
TINY = 1e-3
"""Share of its mean by which the diagonal is raised where a code is projected."""


def split_codes(pair: Pair, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return base codes (n, C) and offsets (n, L, C), some pictures at a time."""
    parts = [pair.encoder.split(pair.shrink(some)) for some in images.split(64)]
    base, offsets = (torch.cat(part).clone() for part in zip(*parts, strict=True))
    return base, offsets


def centre_codes(pair: Pair, base: Tensor, offsets: Tensor) -> None:
    """Move the mean codes into the average latent, and the mean offsets into the generator.

    The pictures stay the same: what every code loses, the modulation biases of its layers gain.
    Afterwards one w for all layers means something, and the encoder's heads have mean zero.

    Parameters
    ----------
    pair : Pair
        Changed in place.
    base : Tensor of shape (n, C)
    offsets : Tensor of shape (n, L, C)
    """
    w_mean, shift = base.mean(0), offsets.mean(0)  # (C,), (L, C); shift[0] is 0
    first = 0
    with torch.no_grad():
        for layer, user in _users(pair.generator.synthesis):
            linear = user.modulation
            linear.bias.add_(linear.weight @ shift[layer] * (linear.scale / linear.rate))
        for head in pair.encoder.heads:
            head.bias.sub_(shift[first : first + head.n_heads])
            first += head.n_heads
        pair.encoder.heads[0].bias[0].sub_(w_mean)
        pair.encoder.latent_avg.add_(w_mean)
        pair.generator.mapping.latent_avg.add_(w_mean)


def settle_lengths(pair: Pair, images: Tensor) -> list[int]:
    """Take the variation of their length out of styles that may have any length.

    Demodulation divides by the length of a style, so a layer that feeds only a demodulated
    convolution (the even ones) draws the same picture whatever the length of its style, and
    training can let it run away until it drowns all other coordinates. Where it varies by more than
    `LONGEST`, every style is divided by its length along the mean style, and the layer's head is
    fitted to that by least squares. The pictures stay the same up to the rest of that fit.

    Parameters
    ----------
    pair : Pair
        Changed in place.
    images : Tensor of shape (n, 3, S, S)
        Portraits to fit on.

    Returns
    -------
    list of int
        The layers that were changed.
    """
    settled, heads = [], _features_of_heads(pair, images)
    with torch.inference_mode():
        base, offsets = (part.double() for part in split_codes(pair, images))
    for layer in range(2, pair.generator.config.n_layers, 2):
        linear = pair.generator.synthesis.convs[layer].modulation
        head, index, features = heads[layer]
        weight = (linear.weight * linear.scale).detach().double()  # (I, C)
        style = (base + offsets[:, layer]) @ weight.T + linear.bias.detach().double() * linear.rate
        mean = style.mean(0)
        length = style @ mean / (mean @ mean)  # along the mean style, about 1
        if length.std() <= LONGEST:
            continue
        wanted = style / length.clamp(min=0.05)[:, None] * (SETTLED_LENGTH / mean.norm())
        centre = wanted.mean(0)
        change = wanted - centre - (base - base.mean(0)) @ weight.T
        gram = weight @ weight.T
        gram += RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
        offset = torch.linalg.solve(gram, change.T).T @ weight  # (n, C), the shortest
        _refit(head, index, features, offset)
        with torch.no_grad():
            linear.bias.copy_(((centre - base.mean(0) @ weight.T) / linear.rate).float())
        settled.append(layer)
    return settled


def shorten_codes(pair: Pair) -> None:
    """Take out of every offset what no layer of the generator reads. The pictures stay the same.

    A modulation of fewer styles than the code has numbers leaves part of the code without effect,
    and training may put anything there. `pair` is changed in place.
    """
    readers: dict[int, list[nn.Module]] = {}
    for layer, user in _users(pair.generator.synthesis):
        readers.setdefault(layer, []).append(user.modulation)
    layer = 0
    for head in pair.encoder.heads:
        for index in range(head.n_heads):
            if layer:  # the base code is read by every layer
                weight = torch.cat([m.weight * m.scale for m in readers[layer]]).detach().double()
                gram = weight.T @ weight
                scale = gram.diagonal().sum() / min(weight.shape)
                raised = gram + TINY * scale * torch.eye(len(gram), dtype=gram.dtype)
                kept = torch.linalg.solve(raised, gram)  # (C, C)
                with torch.no_grad():
                    head.weight[index] = (kept @ head.weight[index].double()).float()
                    head.bias[index] = (kept @ head.bias[index].double()).float()
            layer += 1


def level_styles(pair: Pair, images: Tensor) -> list[int]:
    """Let layers whose codes vary far more than the others' hear them louder.

    A direction which the modulation hardly listens to takes large codes, and these drown all other
    coordinates. In such an even layer (its code is read by one convolution only) the small singular
    values of the modulation are raised to `RAISED` times their mean, and the layer's head is fitted
    by least squares to the offsets that give the same styles. The pictures stay the same up to
    the rest of that fit.

    Parameters
    ----------
    pair : Pair
        Changed in place.
    images : Tensor of shape (n, 3, S, S)
        Portraits to fit on.

    Returns
    -------
    list of int
        The layers that were changed.
    """
    heads = _features_of_heads(pair, images)
    with torch.inference_mode():
        base, offsets = (part.double() for part in split_codes(pair, images))
    spread = (base[:, None] + offsets).var(0).mean(1).sqrt()  # (L,)
    levelled = []
    for layer in range(2, pair.generator.config.n_layers, 2):
        if spread[layer] <= LOUDEST * spread.median():
            continue
        linear = pair.generator.synthesis.convs[layer].modulation
        weight = (linear.weight * linear.scale).detach().double()  # (I, C)
        left, values, right = torch.linalg.svd(weight, full_matrices=False)
        raised = values.clamp(min=RAISED * values.mean())
        louder = (left * raised) @ right
        change = (base + offsets[:, layer]) @ weight.T - base @ louder.T
        centre = change.mean(0)
        _refit(*heads[layer], ((change - centre) @ left) / raised @ right)
        with torch.no_grad():
            linear.weight.copy_((louder / linear.scale).float())
            linear.bias.add_((centre / linear.rate).float())
        levelled.append(layer)
    return levelled


def _refit(head: nn.Module, index: int, features: Tensor, offsets: Tensor) -> None:
    """Fit one layer's head to offsets (n, C) from the features (n, width) that it reads."""
    columns = torch.cat([features, torch.ones_like(features[:, :1])], 1)
    moment = columns.T @ columns
    moment += 1e-6 * moment.diagonal().mean() * torch.eye(len(moment), dtype=moment.dtype)
    solution = torch.linalg.solve(moment, columns.T @ offsets)  # (width + 1, C)
    with torch.no_grad():
        head.weight[index] = (solution[:-1].T / head.scale).float()
        head.bias[index] = solution[-1].float()


def _features_of_heads(pair: Pair, images: Tensor) -> list[tuple[nn.Module, int, Tensor]]:
    """Return for each style layer its head, its place there, and what its last layer reads."""
    kept: list[list[Tensor]] = [[] for _ in pair.encoder.heads]

    def keep(number: int):
        return lambda module, given, made: kept[number].append(F.leaky_relu(made, 0.01).flatten(1))

    hooks = [
        head.convs[-1].register_forward_hook(keep(number))
        for number, head in enumerate(pair.encoder.heads)
    ]
    with torch.inference_mode():
        split_codes(pair, images)
    for hook in hooks:
        hook.remove()
    found = []
    for head, parts in zip(pair.encoder.heads, kept, strict=True):
        features = torch.cat(parts).clone().double().unflatten(1, (head.n_heads, -1))
        found += [(head, index, features[:, index]) for index in range(head.n_heads)]
    return found


def _users(synthesis: nn.Module) -> list[tuple[int, nn.Module]]:
    """Return every modulated layer with the style layer that it reads."""
    users = [(layer, conv) for layer, conv in enumerate(synthesis.convs)]
    return users + [(2 * stage + 1, layer) for stage, layer in enumerate(synthesis.to_rgbs)]
