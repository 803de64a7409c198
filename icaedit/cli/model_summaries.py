"""Models in plain words."""

from pathlib import Path
from typing import Any

__all__ = ["known_models", "model_line", "model_summary"]


def known_models() -> dict[str, Path]:
    """Return the models that come with the package, and then those that were added, by name."""
    from icaedit.models.library import added_models, embedded_models

    return embedded_models() | added_models()


def model_line(path: Path, name: str) -> str:
    """Return size, layout, fingerprint and source of a model in one line.

    Raises
    ------
    FormatError
        If the file holds no model.
    """
    return _line(path, name, _facts(path))


def model_summary(path: Path, name: str) -> str:
    """Return the numbers of a model, where it is from, and what is known about it.

    Parameters
    ----------
    path : Path
        A file of this package, or a foreign checkpoint.
    name : str

    Raises
    ------
    FormatError
        If the file holds no model.
    """
    facts = _facts(path)
    lines = [_line(path, name, facts), f"fingerprint: {facts['fingerprint']}"]
    for part in ("generator", "encoder", "card"):
        entries = facts[part]
        lines += [f"{part}: none"] if entries is None else [f"{part}:", *_indented(entries)]
    return "\n".join(lines)


def _facts(path: Path) -> dict[str, Any]:
    """Return the configurations, the card and the fingerprint of a model's file."""
    from icaedit.models import load_model
    from icaedit.models.checkpoints import is_safetensors
    from icaedit.models.config import config_to_dict
    from icaedit.models.store import model_header

    header = model_header(path) if is_safetensors(path) else None
    if header is not None and isinstance(header.get("fingerprint"), str):
        known = {key: header.get(key) for key in ("generator", "encoder", "fingerprint")}
        return known | {"card": header.get("card") or {}}
    model = load_model(path, device="cpu")  # a file without a record of its fingerprint
    return {
        "generator": config_to_dict(model.generator.config),
        "encoder": config_to_dict(model.encoder.config) if model.has_encoder else None,
        "fingerprint": model.fingerprint,
        "card": model.card,
    }


def _line(path: Path, name: str, facts: dict[str, Any]) -> str:
    numbers, card = facts["generator"], facts["card"]
    source = card.get("source")
    parts = [
        f"{numbers['size']} px",
        f"{numbers['n_channels']} channels",
        str(card.get("layout", "icaedit")),
        "with encoder" if facts["encoder"] else "no encoder",
        f"{path.stat().st_size / 1e6:.1f} MB",
        facts["fingerprint"][:12],
    ]
    if isinstance(source, dict):
        parts.append(f"from {source.get('file')}")
    return f"{name}: {', '.join(parts)}"


def _indented(entries: dict[str, Any], depth: int = 1) -> list[str]:
    lines = []
    for key, value in entries.items():
        if isinstance(value, dict):
            lines += ["  " * depth + f"{key}:", *_indented(value, depth + 1)]
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            lines.append("  " * depth + f"{key}: {text}")
    return lines
