"""What an edit is asked to do: the words of the command line, and how it is told."""

from dataclasses import dataclass

import click

__all__ = ["Wishes", "measured_text", "read_wishes"]


@dataclass(frozen=True)
class Wishes:
    """Strengths to add and to set, by emotion, and whether what is there is taken away first."""

    add: dict[str, float]
    set: dict[str, float]
    neutralize: bool

    @property
    def name(self) -> str:
        """A part of a file name.

        Examples
        --------
        >>> Wishes({"happy": 3.0}, {"sad": 0.0}, True).name
        'neutral-happy3-sad=0'
        """
        parts = ["neutral"] if self.neutralize else []
        parts += [f"{emotion}{strength:g}" for emotion, strength in self.add.items()]
        parts += [f"{emotion}={strength:g}" for emotion, strength in self.set.items()]
        return "-".join(parts)

    @property
    def wording(self) -> str:
        """What is done, as in "a picture with ...".

        Examples
        --------
        >>> Wishes({"happy": 3.0}, {"sad": 0.0}, True).wording
        'its expression removed, happy 3, sad set to 0'
        """
        parts = ["its expression removed"] if self.neutralize else []
        parts += [f"{emotion} {strength:g}" for emotion, strength in self.add.items()]
        parts += [f"{emotion} set to {strength:g}" for emotion, strength in self.set.items()]
        return ", ".join(parts)


def read_wishes(
    emotions: tuple[str, ...],
    strengths: tuple[float, ...],
    targets: tuple[tuple[str, float], ...],
    *,
    neutralize: bool,
) -> Wishes:
    """Return what is asked for.

    Raises
    ------
    UsageError
        If emotions and strengths are not in pairs, one is named twice, or nothing is asked for.
    """
    if len(emotions) != len(strengths):
        raise click.UsageError(
            f"got {len(emotions)} --emotion and {len(strengths)} --strength, expected one "
            "strength for each emotion; give them in pairs"
        )
    named = (*emotions, *(emotion for emotion, _ in targets))
    if not named and not neutralize:
        raise click.UsageError(
            "got nothing to change, expected --emotion with --strength, --set or --neutralize; "
            "add one"
        )
    if len(set(named)) != len(named):
        raise click.UsageError(
            f"got {', '.join(named)}, expected each emotion once; add up its strengths"
        )
    return Wishes(dict(zip(emotions, strengths, strict=True)), dict(targets), neutralize)


def measured_text(present: dict[str, float], number: int | None) -> str:
    """Say what a face showed before the edit.

    Examples
    --------
    >>> measured_text({"happy": 2.04}, None)
    'the face had happy 2.0'
    """
    whose = "the face" if number is None else f"face {number}"
    shown = ", ".join(f"{emotion} {strength:.1f}" for emotion, strength in present.items())
    return f"{whose} had {shown}"
