"""Why an operation on an application is refused."""

from django.core.exceptions import PermissionDenied


class NotYours(PermissionDenied):
    """Whoever acts may not, or may no longer, do this with the application."""


class NotPossible(Exception):
    """The application's state does not lead there, or something else stands in the way; `args[0]` says what."""


class AskedAlready(Exception):
    """Another application for the same person is open; `args[0]` is that one."""


class Incomplete(Exception):
    """`args[0]` names the parts that are not filled in yet."""


class Claimed(Exception):
    """Another officer works on it; `args[0]` is their login."""


class OwnEntry(Exception):
    """An officer never decides what they entered, nor about themselves (Q1)."""


class TooManyDocuments(Exception):
    """Ten documents are enough."""
