"""Procedural portraits: people, what they show, and a renderer, with every truth known."""

from icaedit.portraits.expressions import ACTION_UNITS, PROTOTYPES, express
from icaedit.portraits.folder import VIEW_YAW, PortraitPlan, plan_portraits, write_portraits
from icaedit.portraits.parameters import (
    CONTEXT,
    IDENTITY,
    PARAMETERS,
    PortraitParameters,
    sample_contexts,
    sample_identities,
)
from icaedit.portraits.render import Rendering, render, render_tensors
from icaedit.portraits.restyling import STYLES, restyle
from icaedit.portraits.sampling import (
    MixedPortraits,
    mixed_portraits,
    portraits_of,
    sample_portraits,
)

__all__ = [
    "ACTION_UNITS",
    "CONTEXT",
    "IDENTITY",
    "PARAMETERS",
    "PROTOTYPES",
    "STYLES",
    "VIEW_YAW",
    "MixedPortraits",
    "PortraitParameters",
    "PortraitPlan",
    "Rendering",
    "express",
    "mixed_portraits",
    "plan_portraits",
    "portraits_of",
    "render",
    "render_tensors",
    "restyle",
    "sample_contexts",
    "sample_identities",
    "sample_portraits",
    "write_portraits",
]
