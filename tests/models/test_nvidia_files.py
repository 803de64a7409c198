"""NVIDIA's pickles: what is refused although every part of it is allowed."""

import pytest
import torch

from icaedit.errors import FormatError
from icaedit.models.nvidia_files import read_network_pickle


def test_bytes_that_a_network_pickle_names_over_and_over_are_refused(fabricate, tmp_path):
    state = {f"synthesis.b4.x{place}": torch.ones(3000) for place in range(4)}
    path = tmp_path / "file"
    whole = fabricate.NvidiaPickler().dumps({"G_ema": fabricate.nvidia_tree(state)})
    path.write_bytes(whole)
    assert len(read_network_pickle(path).weights) == 4
    parameter = torch.nn.Parameter(torch.ones(3000), requires_grad=False)
    tree = fabricate.nvidia_tree({"synthesis.b4.x": torch.ones(1)})
    block = tree["modules"]["synthesis"]["modules"]["b4"]
    block["buffers"] = {str(place): parameter for place in range(4)}  # pickled once
    path.write_bytes(fabricate.NvidiaPickler().dumps({"G_ema": tree}))
    with pytest.raises(FormatError, match="tensors fill"):
        read_network_pickle(path)


def test_modules_nested_too_deep_are_refused(fabricate, tmp_path):
    tree = fabricate.nvidia_tree({"a.weight": torch.ones(2)})
    deep: dict = tree
    for _ in range(12):
        deep = {"class_name": "x", "attributes": {}, "parameters": {}, "buffers": {},
                "modules": {"a": deep}}  # fmt: skip
    content = fabricate.NvidiaPickler().dumps({"G_ema": deep})
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="something else than a network's module"):
        read_network_pickle(path)
