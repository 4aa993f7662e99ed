"""Which application a browser session has in hand: that of whoever began it here, or came back with its code."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.applications.models import Application, Kind, State
from accounts.applications.operations import NotPossible
from entity_portal.access import View

IN_HAND = "application"  # session: the key of its row
WHICH = "application"  # form: the same when the page was drawn, since another tab may have opened another one


def take_in_hand(request: HttpRequest, application: Application) -> None:
    """From now on this session is the applicant's; who knew its key before does not know it any more."""
    request.session.cycle_key()
    request.session[IN_HAND] = application.pk


def in_hand(request: HttpRequest) -> Application | None:
    """The application of this session, which lasts for half an hour more."""
    if IN_HAND not in request.session:
        return None
    request.session.modified = True
    return applicants().filter(pk=request.session[IN_HAND]).first()


def applicants() -> QuerySet[Application]:
    """First applications, which are whoever's who has their code; from the counter once they are handed in."""
    first = Application.objects.filter(kind=Kind.FIRST).select_related("entity")
    return first.exclude(state=State.DRAFT, entered_by__isnull=False)


def let_go(request: HttpRequest) -> None:
    request.session.pop(IN_HAND, None)


def for_applicant(*states: str) -> Callable[[View], View]:
    """Give the view the application in hand, in one of `states`.

    Without one it begins anew; one that is in another state, or comes to be meanwhile, shows how it stands.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            application = in_hand(request)
            if application is None:
                messages.warning(
                    request,
                    _(
                        "No application is open in this browser, or half an hour has passed. With the application "
                        "number and your mobile number you can come back to it."
                    ),
                )
                return redirect("applications:apply")
            if application.state not in states:
                return redirect("applications:apply_progress")
            if request.POST.get(WHICH, str(application.pk)) != str(application.pk):
                messages.warning(
                    request,
                    _("Meanwhile another application was opened in this browser, so nothing was changed. This is it."),
                )
                return redirect("applications:apply_progress")
            try:
                return view(request, application, *args, **kwargs)
            except NotPossible:
                messages.warning(request, _("The application has moved on in the meantime."))
                return redirect("applications:apply_progress")

        return found

    return decorate
