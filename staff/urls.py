from django.urls import path

from staff import views

app_name = "staff"
urlpatterns = [
    path("login/", views.sign_in, name="sign_in"),
    path("logout/", views.sign_out, name="sign_out"),
    path("help/reset-password/", views.reset_password, name="reset_password"),
    path("help/reset-password/code/", views.reset_password_code, name="reset_password_code"),
    path("help/username/", views.remind_username, name="remind_username"),
    path("account/password/", views.change_password, name="change_password"),
    path("staff/", views.list_staff, name="list"),
    path("staff/export.csv", views.export, name="export"),
    path("staff/new/", views.new, name="new"),
    path("staff/<str:euid>/edit/", views.edit, name="edit"),
    path("staff/<str:euid>/administrator/", views.remove_administrator, name="remove_administrator"),
    path("staff/<str:euid>/reveal/", views.reveal, name="reveal"),
]
