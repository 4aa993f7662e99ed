"""Who asks a person to sign in: an e-service that sent them here. A room above knows which (`settings.WHO_ASKS`)."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.module_loading import import_string
from django.utils.translation import get_language


@dataclass(frozen=True)
class Asker:
    """An e-service: its name by language, and the origins (`https://efile.example.mo`) it takes people back to."""

    names: dict[str, str]
    origins: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names.get(get_language() or "", "") or self.names["en"]


def asker(address: str) -> Asker | None:
    """Who asks, where a sign-in goes on to `address`, a page of ours; None if nobody but the person does."""
    found: Asker | None = import_string(settings.WHO_ASKS)(address)
    return found


def let_on(response: HttpResponseBase, who: Asker | None) -> HttpResponseBase:
    """Let the form of a page lead on to the e-service: browsers hold `form-action` against redirects too."""
    if who:
        response._csp_update = {"form-action": list(who.origins)}  # type: ignore[attr-defined]
    return response
