"""Who may see a page: every view carries exactly one mark, set by a decorator made here.

`LoginRequiredMiddleware` sends whoever has not signed in to the sign-in page unless the view is `@public`; a mark then
narrows that down. Someone who may not know that a thing exists gets the same 404 as for a thing that does not exist.
`entity_portal.checks` stops the start when a view has no mark, and `tests/test_house.py` reads the same marks.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]
MARK = "access_mark"


def public(view: View) -> View:
    """Anyone, signed in or not."""
    setattr(view, MARK, "public")
    return login_not_required(view)


def only(name: str, allowed: Callable[[Any], bool]) -> Callable[[View], View]:
    """Make the mark `name`: signed-in people for whom `allowed(user)` holds; 404 for the others."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allowed(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        setattr(guarded, MARK, name)
        return guarded

    return mark


signed_in = only("signed_in", lambda user: user.is_authenticated)
