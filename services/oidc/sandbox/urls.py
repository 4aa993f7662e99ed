from django.urls import path

from services.oidc.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("enter/", views.enter, name="enter"),
    path("callback/", views.callback, name="callback"),
    path("refresh/", views.refresh, name="refresh"),
    path("leave/", views.leave, name="leave"),
    path("backchannel-logout/", views.backchannel, name="backchannel"),
]
