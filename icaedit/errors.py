"""The errors and warnings that icaedit raises.

Every type subclasses a built-in one, so that callers may catch either. Messages are one line of
the form "got X, expected Y; do Z" and name the file or option they are about.
"""

__all__ = [
    "ConvergenceWarning",
    "DatasetError",
    "FaceNotFoundError",
    "FileAccessError",
    "FormatError",
    "IcaeditError",
    "IcaeditWarning",
    "InputError",
    "MissingDependencyError",
    "ModelMismatchError",
    "StabilityWarning",
    "TermsWarning",
]


class IcaeditError(Exception):
    """Base of every error that icaedit raises on purpose."""


class InputError(IcaeditError, ValueError):
    """An argument or a picture that cannot be used as given."""


class FaceNotFoundError(InputError):
    """No face could be located in a picture that needs aligning."""


class FormatError(IcaeditError, ValueError):
    """A file whose content is not what its reader expects."""


class ModelMismatchError(FormatError):
    """An artifact that was made with another model than the one in use."""


class DatasetError(IcaeditError, ValueError):
    """A folder or table of pictures that cannot serve as a dataset."""


class MissingDependencyError(IcaeditError, ImportError):
    """An optional package that is not installed."""


class FileAccessError(IcaeditError, OSError):
    """A file or folder that is missing, unreadable or not writable."""


class IcaeditWarning(UserWarning):
    """Base of every warning that icaedit gives."""


class StabilityWarning(IcaeditWarning):
    """A fitted result that changes too much with the people it is fitted on."""


class ConvergenceWarning(IcaeditWarning):
    """An iteration that stopped before it met its tolerance."""


class TermsWarning(IcaeditWarning):
    """Trained data in use whose terms restrict what it may be used for."""
