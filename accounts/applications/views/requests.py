"""申請進度查詢 of an entity."""

from django.http import Http404, HttpResponse

from entity_portal.access import signed_in
from staff.access import SignedIn


@signed_in
def request_page(request: SignedIn, number: str) -> HttpResponse:
    raise Http404
