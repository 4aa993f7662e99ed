from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive")


urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")), path("alive/", alive)]
