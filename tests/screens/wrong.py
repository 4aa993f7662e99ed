"""The portal's addresses, and some at which something goes wrong on purpose."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from entity_portal import errors
from entity_portal.access import public
from entity_portal.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@public
def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


@public
def too_many(request: HttpRequest) -> HttpResponse:
    return errors.too_many_requests(request, seconds=600)


@public
def too_much(request: HttpRequest) -> HttpResponse:
    return errors.overloaded(request)


urlpatterns = [
    *urlpatterns,
    path("screens/fault/", fault, name="fault"),
    path("screens/429/", too_many, name="too_many"),
    path("screens/503/", too_much, name="too_much"),
]
