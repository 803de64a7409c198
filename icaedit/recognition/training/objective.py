"""What training makes small: the loss of the fusion and the network's own."""

import torch
from torch import Tensor, nn

from icaedit.errors import InputError
from icaedit.recognition.backbones import Backbone
from icaedit.recognition.encoders import CollaborativeEncoder
from icaedit.recognition.fusion import FusionClassifier, fusion_loss
from icaedit.recognition.losses import new_centres, own_loss_of
from icaedit.recognition.training.pictures import Batch
from icaedit.recognition.training.settings import TrainingSettings

__all__ = ["Objective"]

_LAST = "network.fc."


class Objective(nn.Module):
    """A network with all that is trained along, as a module whose output is its loss.

    Parameters
    ----------
    network : FusionClassifier or Backbone
        Used as it is.
    encoder : CollaborativeEncoder or None
    settings : TrainingSettings
    weights : Tensor of shape (E,), or None
        How much each emotion counts.
    emotions : tuple of str
        What labels stand for.

    Raises
    ------
    InputError
        If the network's own loss is wanted and its classes do not fit the emotions.
    """

    def __init__(
        self,
        network: FusionClassifier | Backbone,
        encoder: CollaborativeEncoder | None,
        *,
        settings: TrainingSettings,
        weights: Tensor | None,
        emotions: tuple[str, ...],
    ) -> None:
        super().__init__()
        self.network, self.encoder, self.settings = network, encoder, settings
        backbone = self.backbone
        self.is_own = isinstance(network, Backbone)
        self.uses_own_loss = self.is_own or settings.own_loss_weight > 0
        self.centres: nn.Parameter | None = None
        self.register_buffer("weights", weights, persistent=False)
        self.register_buffer("classes", None, persistent=False)
        self.register_buffer("class_weights", None, persistent=False)
        if self.uses_own_loss:
            classes = torch.tensor(backbone.classes_of(emotions))
            if self.is_own and len(classes) != backbone.n_classes:
                raise InputError(
                    f"got {backbone.name} with {backbone.n_classes} classes and {len(classes)} "
                    f"emotions to train it on, expected the same; train on "
                    f"{', '.join(backbone.emotions or ())} or load it with other labels"
                )
            self.classes = classes
            self.centres = new_centres(backbone, random_state=settings.random_state)
            if weights is not None:
                self.class_weights = torch.zeros(backbone.n_classes)
                self.class_weights[classes] = weights
        backbone.requires_grad_(settings.train_backbone)

    @property
    def backbone(self) -> Backbone:
        """The expression network."""
        return self.network if isinstance(self.network, Backbone) else self.network.backbone

    def train(self, mode: bool = True) -> "Objective":
        """Set the mode; a network whose weights do not change stays as in evaluation."""
        super().train(mode)
        if not self.settings.train_backbone:
            self.backbone.eval()
        return self

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss of a batch, a scalar."""
        if not self.uses_own_loss:
            return self._fusion_loss(self._features(batch), batch)
        out = self.backbone(batch.x)
        own = own_loss_of(
            self.backbone,
            out,
            self.classes[batch.labels],
            centres=self.centres,
            weights=self.class_weights,
        )
        if self.is_own:
            return own
        return self._fusion_loss(out.features, batch) + self.settings.own_loss_weight * own

    def scores(self, batch: Batch) -> Tensor:
        """Return the scores (n, E) of a batch, by the emotions that labels stand for."""
        if self.is_own:
            return self.backbone.logits(batch.x)[:, self.classes]
        return self.network.fuse(self._features(batch), self._latents(batch))

    def loss_of_scores(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the loss by which validation is judged, which counts every picture alike."""
        kind = "cross-entropy" if self.is_own else self.settings.loss
        return fusion_loss(scores, labels, kind=kind)

    def groups(self) -> list[dict]:
        """Return the weights that are trained, in groups of one rate each, for an optimiser."""
        settings, rate = self.settings, self.settings.learning_rate
        body, last = [], []
        for name, weight in self.backbone.named_parameters():
            (last if name.startswith(_LAST) else body).append(weight)
        inside = {id(weight) for weight in self.backbone.parameters()}
        last += [weight for weight in self.network.parameters() if id(weight) not in inside]
        centres = [] if self.centres is None else [self.centres]
        encoder = [] if self.encoder is None else list(self.encoder.parameters())
        groups = []
        for weights, its_rate in (
            (body, rate),
            (last, settings.head_learning_rate or rate),
            (centres, settings.centre_learning_rate or rate),
            (encoder, settings.encoder_learning_rate),
        ):
            trained = [weight for weight in weights if weight.requires_grad]
            if trained:
                groups.append({"params": trained, "lr": its_rate, "first_lr": its_rate})
        return groups

    def _features(self, batch: Batch) -> Tensor:
        return self.backbone.features(batch.x) if batch.features is None else batch.features

    def _latents(self, batch: Batch) -> Tensor | None:
        return batch.latents if self.encoder is None else self.encoder(batch.frames)

    def _fusion_loss(self, features: Tensor, batch: Batch) -> Tensor:
        scores = self.network.fuse(features, self._latents(batch))
        return fusion_loss(scores, batch.labels, kind=self.settings.loss, weights=self.weights)
