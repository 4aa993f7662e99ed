from django.urls import path

from activation import views

app_name = "activation"
urlpatterns = [
    path("login/terms/", views.accept_terms, name="accept_terms"),
    path("activate/", views.start, name="start"),
    path("activate/credentials/", views.credentials, name="credentials"),
    path("activate/done/", views.done, name="done"),
    path("staff/new/send/", views.create_and_send, name="create_and_send"),
    path("staff/send-codes/", views.send_codes, name="send_codes"),
    path("staff/<str:euid>/send-code/", views.send_code, name="send_code"),
]
