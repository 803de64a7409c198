"""Expression-recognition networks: DAN, DACL, RUL, and any other with a feature layer named."""

from icaedit.recognition.backbones.backbone import Backbone
from icaedit.recognition.backbones.dacl import DACLOutput
from icaedit.recognition.backbones.dan import DANOutput
from icaedit.recognition.backbones.loading import BACKBONES, load_backbone
from icaedit.recognition.backbones.normalisation import Normalisation
from icaedit.recognition.backbones.plugged import PluggedOutput
from icaedit.recognition.backbones.rul import RULOutput

__all__ = [
    "BACKBONES",
    "Backbone",
    "DACLOutput",
    "DANOutput",
    "Normalisation",
    "PluggedOutput",
    "RULOutput",
    "load_backbone",
]
