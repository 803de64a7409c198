"""Encoding datasets into latents, in batches that survive an interruption."""

from icaedit.encode.dataset import encode_dataset, encode_to_file

__all__ = ["encode_dataset", "encode_to_file"]
