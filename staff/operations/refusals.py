"""Why an operation on a login is refused."""

from django.core.exceptions import PermissionDenied


class NotAdministrator(PermissionDenied):
    """Whoever acts is not, or no longer, an active administrator of the entity (S9.1, S11.1)."""


class PersonExists(Exception):
    """The entity has a non-departed login with this document already (Q25)."""


class LastAdministrator(Exception):
    """The entity would be left without one who can act (S3.4, Q3)."""


class StatusNotAllowed(Exception):
    """The login's status does not lead there; `args` are the status it has and the one that was asked for."""


class DataFrozen(Exception):
    """`args[0]` names the fields that may not be changed: activated (S10.2), departed, an administrator's (S10.3)."""


class UsernameTaken(Exception):
    """Another login of the entity has it, in whatever case (Q16)."""
