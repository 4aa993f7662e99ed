from django.urls import path

from services.api import views

app_name = "api"
urlpatterns = [
    path("authorizations", views.authorizations, name="authorizations"),
    path("authorizations/<str:subject>", views.authorization, name="authorization"),
    path("changes", views.changes, name="changes"),
    path("schema/", views.schema, name="schema"),
]
