from django.urls import path

from bench.yardsticks.bare import views

urlpatterns = [
    path("list/", views.list_people),
    path("edit/<str:euid>/", views.edit),
    path("hash/", views.look_at_password),
    path("alive/", views.alive),
]
