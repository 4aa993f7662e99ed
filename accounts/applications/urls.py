from django.urls import path

from accounts.applications.views import requests, track

app_name = "applications"
urlpatterns = [
    path("apply/track/", track.track, name="track"),
    path("entity/requests/<str:number>/", requests.request_page, name="request"),
]
