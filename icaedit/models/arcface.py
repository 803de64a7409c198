"""ArcFace's IR-SE50 (Deng et al. 2019): a face to 512 numbers that say whose it is.

No weights come with the package. The layout read here is that of InsightFace_Pytorch's
``model_ir_se50.pth``, the network that e4e, pSp and others measure identity with.
"""

import os

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from icaedit.errors import FormatError
from icaedit.files import read_bytes
from icaedit.foreign_files.torch_files import read_torch
from icaedit.models.encoder import IRSEBlock
from icaedit.models.foreign import BLOCK_PARTS, Place, translate

__all__ = ["ArcFace", "load_arcface"]

SIDE = 112
"""Side in pixels of the faces that the network reads."""

_STAGES = ((64, 3), (128, 4), (256, 14), (512, 3))  # width and blocks


class ArcFace(nn.Module):
    """IR-SE50 with ArcFace's head.

    Parameters
    ----------
    stages : tuple of (int, int)
        Width and number of blocks of each stage; every stage halves the side.
    side : int
        Side of the faces in pixels.
    squeeze : int
        Reduction inside the squeeze-and-excitation gates.

    Examples
    --------
    >>> network = ArcFace(((4, 1), (8, 1)), side=8, squeeze=4).eval()
    >>> network(torch.zeros(3, 3, 8, 8)).shape
    torch.Size([3, 8])
    """

    def __init__(
        self, stages: tuple[tuple[int, int], ...] = _STAGES, *, side: int = SIDE, squeeze: int = 16
    ) -> None:
        super().__init__()
        width = stages[0][0]
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.PReLU(width)
        )
        self.blocks = nn.Sequential()
        for n_out, count in stages:
            for block in range(count):
                stride = 2 if block == 0 else 1
                self.blocks.append(
                    IRSEBlock(width, n_out, stride=stride, norm="batch", squeeze=squeeze)
                )
                width = n_out
        left = side // 2 ** len(stages)
        self.norm = nn.BatchNorm2d(width)
        self.linear = nn.Linear(width * left**2, width)
        self.scale = nn.BatchNorm1d(width)

    def forward(self, images: Tensor) -> Tensor:
        """Map faces (N, 3, side, side) in [-1, 1] to embeddings (N, width) of unit length."""
        x = self.norm(self.blocks(self.stem(images)))
        return F.normalize(self.scale(self.linear(x.flatten(1))), dim=1)


def load_arcface(path: str | os.PathLike) -> ArcFace:
    """Load ArcFace's IR-SE50 from a torch file, without running anything that is in it.

    Parameters
    ----------
    path : path
        A state dict in the layout of ``model_ir_se50.pth``.

    Returns
    -------
    ArcFace
        In evaluation mode.

    Raises
    ------
    FormatError
        If the file is damaged or holds another network.
    FileAccessError
        If it cannot be read.
    """
    where = os.fspath(path)
    weights = read_torch(read_bytes(path), where=where)
    if not isinstance(weights, dict) or not all(isinstance(v, Tensor) for v in weights.values()):
        raise FormatError(
            f"got {where}, which is no state dict, expected that of ArcFace's IR-SE50; give its "
            "model_ir_se50.pth"
        )
    with torch.device("meta"):
        network = ArcFace()
    state = translate(weights, _places(network), network, where=where)
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)


def _places(network: nn.Module) -> dict[str, Place]:
    """Return the tensors of ``model_ir_se50.pth`` by their names there."""
    places = {}
    head = {"norm": "output_layer.0", "linear": "output_layer.3", "scale": "output_layer.4"}
    for name, tensor in network.state_dict().items():
        parts = name.split(".")
        if parts[0] == "stem":
            theirs = ["input_layer", *parts[1:]]
        elif parts[0] == "blocks":
            theirs = ["body", parts[1], BLOCK_PARTS[parts[2]], *parts[3:]]
        else:
            theirs = [head[parts[0]], *parts[1:]]
        places[".".join(theirs)] = Place(tuple(tensor.shape), name)
    return places
