from django.urls import path

from services import views

app_name = "services"
urlpatterns = [
    path("services/", views.list_services, name="list"),
    path("services/<slug:service>/", views.service, name="service"),
    path("services/<slug:service>/<slug:group>/", views.group, name="group"),
    path("services/<slug:service>/<slug:group>/edit/", views.edit_group, name="edit_group"),
]
