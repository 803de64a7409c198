"""What each part of a recogniser costs, in time and weights, measured side by side (Table 5)."""

import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from icaedit.artifacts.run_record import package_versions
from icaedit.errors import InputError
from icaedit.recognition.backbones import Backbone
from icaedit.recognition.fusion import FusionClassifier

__all__ = ["Cost", "Costs", "Part", "measure_costs", "recogniser_parts"]


@dataclass(frozen=True, eq=False)
class Part:
    """Something to be measured.

    Attributes
    ----------
    run : callable
        Called without arguments, it computes what is timed.
    modules : sequence of nn.Module
        Those whose weights it needs.
    n_pictures : int
        How many pictures one call is for.
    """

    run: Callable[[], object]
    modules: Sequence[nn.Module]
    n_pictures: int = 1


@dataclass(frozen=True)
class Cost:
    """What one part costs.

    Attributes
    ----------
    name : str
    minimum, median : float
        Of the times for one picture, in milliseconds.
    processor : float
        The least processor time for one picture, in milliseconds, of all threads together; other
        programs on the machine disturb it less. Of a GPU's work it counts only the calls.
    megabytes : float
        Weights and buffers in memory, in units of 1e6 bytes.
    n_weights : int
        How many numbers these are.
    """

    name: str
    minimum: float
    median: float
    processor: float
    megabytes: float
    n_weights: int


@dataclass(frozen=True)
class Costs:
    """What the parts cost on one machine.

    Attributes
    ----------
    rows : tuple of Cost
    repeats : int
    n_pictures : int
        In one call; 0 where parts differ.
    machine : str
        The processor or GPU, and the threads.
    versions : dict of str to str
    """

    rows: tuple[Cost, ...]
    repeats: int
    n_pictures: int
    machine: str
    versions: Mapping[str, str]


def recogniser_parts(
    network: FusionClassifier | Backbone,
    *,
    encoder: nn.Module | None = None,
    encoder_size: int = 256,
    n_pictures: int = 1,
    name: str = "",
) -> dict[str, Part]:
    """Return the parts of a recogniser, and their sums, for `measure_costs`.

    From normalised pictures to scores; reading and aligning pictures is not in it. They run where
    the weights are. Parts of several recognisers can be measured together: ``{**a, **b}``.

    Parameters
    ----------
    network : FusionClassifier or Backbone
    encoder : nn.Module, optional
        Maps pictures (N, 3, H, H) to latents (N, L, C), where they are not stored.
    encoder_size : int
        H, in pixels.
    n_pictures : int
        In one call.
    name : str
        What the backbone is called; its own name if empty.

    Returns
    -------
    dict of str to Part
        ``"dan"`` alone; for a classifier also its head, both together, and, with an encoder, this
        and all three.

    Raises
    ------
    InputError
        If there is an encoder for a network that takes no latents, or it gives latents of another
        shape.

    Examples
    --------
    >>> from icaedit.recognition import load_backbone
    >>> mask = np.ones((4, 8), bool)
    >>> list(recogniser_parts(FusionClassifier(load_backbone("dacl"), mask)))
    ['dacl', 'head of dacl', 'dacl + latents']
    """
    fused = isinstance(network, FusionClassifier)
    backbone = network.backbone if fused else network
    name = name or backbone.name
    device = next(backbone.parameters()).device
    noise = np.random.default_rng(0).integers(0, 256, (n_pictures, 256, 256, 3), dtype=np.uint8)
    x = backbone.normalise(noise).to(device)
    parts = {name: Part(lambda: backbone.logits(x), (backbone,), n_pictures)}
    if not fused or network.shape is None:
        if encoder is not None:
            raise InputError(
                f"got an encoder for {name}, which takes no latents, expected none; leave it out"
            )
        return parts
    latents = torch.zeros((n_pictures, *network.shape), device=device)
    with _in_evaluation([backbone]), torch.inference_mode():
        features = backbone.features(x)
    head = _without(network, backbone)

    def both() -> object:
        return network.fuse(backbone.features(x), latents)

    parts[f"head of {name}"] = Part(lambda: network.fuse(features, latents), head, n_pictures)
    parts[f"{name} + latents"] = Part(both, (network,), n_pictures)
    if encoder is None:
        return parts
    faces = torch.zeros((n_pictures, 3, encoder_size, encoder_size), device=device)
    with _in_evaluation([encoder]), torch.inference_mode():
        found = tuple(encoder(faces).shape)
    if found != tuple(latents.shape):
        raise InputError(
            f"got latents of shape {found} from the encoder, expected {tuple(latents.shape)}; use "
            "that of the model that the mask is for"
        )

    def all_three() -> object:
        return network.fuse(backbone.features(x), encoder(faces))

    parts["encoder"] = Part(lambda: encoder(faces), (encoder,), n_pictures)
    parts[f"{name} + latents + encoder"] = Part(all_three, (network, encoder), n_pictures)
    return parts


def measure_costs(
    parts: Mapping[str, Part],
    *,
    repeats: int = 30,
    warm_up: int = 3,
    progress: Callable[[int, int], None] | None = None,
) -> Costs:
    """Measure parts side by side in one run.

    Every round runs each part once, every second one in the opposite order, so that whatever else
    the machine does falls on all alike. A GPU is waited for.

    Parameters
    ----------
    parts : mapping of str to Part
        As from `recogniser_parts`.
    repeats : int
        Rounds, 1 or more.
    warm_up : int
        Rounds before these that do not count.
    progress : callable, optional
        Called with (done, total) after each round.

    Raises
    ------
    InputError
        If there is nothing to measure or an option is out of range.

    Examples
    --------
    >>> layer, x = nn.Linear(4, 2), torch.zeros(1, 4)
    >>> costs = measure_costs({"layer": Part(lambda: layer(x), [layer])}, repeats=3)
    >>> costs.rows[0].n_weights, costs.rows[0].megabytes, costs.rows[0].minimum > 0
    (10, 4e-05, True)
    """
    if not parts or repeats < 1 or warm_up < 0:
        raise InputError(
            f"got {len(parts)} parts, {repeats} repeats and {warm_up} rounds before, expected one "
            "part, one repeat and 0 or more; correct them"
        )
    names = list(parts)
    modules = [module for part in parts.values() for module in part.modules]
    on_gpu = any(p.is_cuda for module in modules for p in module.parameters())
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with _in_evaluation(modules), torch.inference_mode():
        for turn in range(warm_up + repeats):
            for name in names if turn % 2 == 0 else reversed(names):
                wall, processor = _timed(parts[name].run, on_gpu)
                if turn >= warm_up:
                    scale = 1000 / parts[name].n_pictures
                    times[name].append((scale * wall, scale * processor))
            if progress is not None:
                progress(turn + 1, warm_up + repeats)
    calls = {part.n_pictures for part in parts.values()}
    return Costs(
        rows=tuple(_cost(name, times[name], part.modules) for name, part in parts.items()),
        repeats=repeats,
        n_pictures=calls.pop() if len(calls) == 1 else 0,
        machine=_machine(on_gpu),
        versions={name: found for name, found in package_versions().items() if found},
    )


def _timed(run: Callable[[], object], on_gpu: bool) -> tuple[float, float]:
    """Return the seconds that passed, and those that the processor worked."""
    if on_gpu:
        torch.cuda.synchronize()
    worked, start = time.process_time(), time.perf_counter()
    run()
    if on_gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - start, time.process_time() - worked


def _cost(name: str, times: list[tuple[float, float]], modules: Sequence[nn.Module]) -> Cost:
    wall, processor = np.array(times).T
    megabytes, n_weights = _weights(modules)
    return Cost(
        name,
        float(wall.min()),
        float(np.median(wall)),
        float(processor.min()),
        megabytes,
        n_weights,
    )


def _weights(modules: Sequence[nn.Module]) -> tuple[float, int]:
    """Return megabytes and the number of weights and buffers, shared ones counted once."""
    tensors = {
        id(tensor): tensor
        for module in modules
        for tensor in (*module.parameters(), *module.buffers())
    }
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    return size / 1e6, sum(tensor.numel() for tensor in tensors.values())


def _without(network: FusionClassifier, backbone: Backbone) -> tuple[nn.Module, ...]:
    """Return the modules of a classifier but its backbone."""
    return tuple(module for module in network.children() if module is not backbone)


def _machine(on_gpu: bool) -> str:
    if on_gpu:
        return torch.cuda.get_device_name()
    threads = torch.get_num_threads()
    return f"{_processor()}, {threads} {'thread' if threads == 1 else 'threads'}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


@contextmanager
def _in_evaluation(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Put modules into evaluation mode, and each of their layers back afterwards."""
    before = [(layer, layer.training) for module in modules for layer in module.modules()]
    for module in modules:
        module.eval()
    try:
        yield
    finally:
        for layer, training in before:
            layer.training = training
