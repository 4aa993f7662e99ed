from django.urls import path

from entity_portal.guide import views

app_name = "guide"
urlpatterns = [
    path("guide/", views.contents, name="contents"),
    path("guide/print/", views.whole, name="whole"),
    path("guide/<slug:slug>/", views.heading, name="heading"),
]
