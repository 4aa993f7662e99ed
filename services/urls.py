from django.urls import path

from services import views

app_name = "services"
urlpatterns = [
    path("services/", views.list_services, name="list"),
    path("services/<slug:service>/", views.service, name="service"),
    path("services/<slug:service>/<slug:group>/", views.group, name="group"),
    path("services/<slug:service>/<slug:group>/export.csv", views.export_group, name="export_group"),
    path("services/<slug:service>/<slug:group>/edit/", views.edit_group, name="edit_group"),
    path("services/<slug:service>/<slug:group>/<str:euid>/", views.dates, name="dates"),
    path("entity/service-admins/", views.service_administrators, name="administrators"),
    path("entity/service-admins/<str:euid>/", views.service_administrator, name="administrator"),
]
