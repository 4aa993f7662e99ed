"""申請進度查詢 for whoever has a request number."""

from django.http import Http404, HttpRequest, HttpResponse

from entity_portal.access import public


@public
def track(request: HttpRequest) -> HttpResponse:
    raise Http404
