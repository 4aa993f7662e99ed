from django.urls import path

from entity_portal.humancheck import views

app_name = "humancheck"
urlpatterns = [
    path("human-check/", views.another, name="another"),
    path("human-check/<str:key>.png", views.picture, name="picture"),
    path("human-check/<str:key>.wav", views.sound, name="sound"),
]
