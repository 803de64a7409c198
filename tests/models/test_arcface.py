import numpy as np
import pytest
import torch
import torch.nn.functional as F

from icaedit.errors import FileAccessError, FormatError
from icaedit.models.arcface import SIDE, ArcFace, load_arcface


def foreign_weights():
    """Draw a state dict in the layout of model_ir_se50.pth, name by name as its code has them."""
    generator = torch.Generator().manual_seed(0)

    def conv(n_out, n_in, side):
        made = torch.randn(n_out, n_in, side, side, generator=generator)
        return {"weight": made / (n_in * side**2) ** 0.5}

    def norm(width):
        return {
            "weight": 0.5 + torch.rand(width, generator=generator),
            "bias": torch.randn(width, generator=generator) / 9,
            "running_mean": torch.randn(width, generator=generator) / 9,
            "running_var": 0.5 + torch.rand(width, generator=generator),
            "num_batches_tracked": torch.tensor(3),
        }

    def prelu(width):
        return {"weight": torch.rand(width, generator=generator)}

    parts = {"input_layer.0": conv(64, 3, 3), "input_layer.1": norm(64), "input_layer.2": prelu(64)}
    n_in, block = 64, 0
    for width, count in ((64, 3), (128, 4), (256, 14), (512, 3)):
        for _ in range(count):
            at = f"body.{block}."
            if n_in != width:
                parts[at + "shortcut_layer.0"] = conv(width, n_in, 1)
                parts[at + "shortcut_layer.1"] = norm(width)
            parts[at + "res_layer.0"] = norm(n_in)
            parts[at + "res_layer.1"] = conv(width, n_in, 3)
            parts[at + "res_layer.2"] = prelu(width)
            parts[at + "res_layer.3"] = conv(width, width, 3)
            parts[at + "res_layer.4"] = norm(width)
            parts[at + "res_layer.5.fc1"] = conv(width // 16, width, 1)
            parts[at + "res_layer.5.fc2"] = conv(width, width // 16, 1)
            n_in, block = width, block + 1
    parts["output_layer.0"] = norm(512)
    parts["output_layer.3"] = {
        "weight": torch.randn(512, 512 * 49, generator=generator) / 160,
        "bias": torch.zeros(512),
    }
    parts["output_layer.4"] = norm(512)
    return {f"{part}.{key}": value for part, keys in parts.items() for key, value in keys.items()}


def reference(weights, x):
    """Compute the network from its published description, by functions alone."""

    def norm(x, at):
        keys = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(weights[f"{at}.{key}"] for key in keys))

    x = F.conv2d(x, weights["input_layer.0.weight"], padding=1)
    x = F.prelu(norm(x, "input_layer.1"), weights["input_layer.2.weight"])
    starts = (0, 3, 7, 21)
    for block in range(24):
        at, stride = f"body.{block}", 2 if block in starts else 1
        if f"{at}.shortcut_layer.0.weight" in weights:
            skip = F.conv2d(x, weights[f"{at}.shortcut_layer.0.weight"], stride=stride)
            skip = norm(skip, f"{at}.shortcut_layer.1")
        else:
            skip = F.max_pool2d(x, 1, stride)
        y = F.conv2d(norm(x, f"{at}.res_layer.0"), weights[f"{at}.res_layer.1.weight"], padding=1)
        y = F.prelu(y, weights[f"{at}.res_layer.2.weight"])
        y = F.conv2d(y, weights[f"{at}.res_layer.3.weight"], stride=stride, padding=1)
        y = norm(y, f"{at}.res_layer.4")
        gate = F.adaptive_avg_pool2d(y, 1)
        gate = F.relu(F.conv2d(gate, weights[f"{at}.res_layer.5.fc1.weight"]))
        gate = torch.sigmoid(F.conv2d(gate, weights[f"{at}.res_layer.5.fc2.weight"]))
        x = skip + y * gate
    x = norm(x, "output_layer.0").flatten(1)
    x = F.linear(x, weights["output_layer.3.weight"], weights["output_layer.3.bias"])
    return F.normalize(norm(x, "output_layer.4"))


@pytest.fixture(scope="module")
def weights():
    return foreign_weights()


@pytest.fixture(scope="module")
def file(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("arcface") / "model_ir_se50.pth"
    torch.save(weights, path)
    return path


def test_the_published_layout_loads_name_for_name_and_computes_the_same(file, weights):
    x = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.inference_mode():
        found, expected = load_arcface(file)(x), reference(weights, x)
    np.testing.assert_allclose(found, expected, atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)


def test_a_file_without_a_tensor_is_refused(weights, tmp_path):
    fewer = {name: value for name, value in weights.items() if name != "output_layer.3.bias"}
    torch.save(fewer, tmp_path / "fewer.pth")
    with pytest.raises(FormatError, match=r"fewer\.pth without .*output_layer\.3\.bias"):
        load_arcface(tmp_path / "fewer.pth")


def test_whole_networks_and_missing_files_are_refused(tmp_path):
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(FormatError, match="no state dict"):
        load_arcface(tmp_path / "list.pth")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "pickled.pth")
    with pytest.raises(FormatError, match="whole pickled network"):
        load_arcface(tmp_path / "pickled.pth")
    with pytest.raises(FileAccessError):
        load_arcface(tmp_path / "none.pth")


def test_a_smaller_network_has_the_shapes_asked_for():
    network = ArcFace(((4, 2), (8, 1)), side=16, squeeze=2).eval()
    assert network(torch.zeros(1, 3, 16, 16)).shape == (1, 8)
