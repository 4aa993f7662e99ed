from django.urls import path

from entity_portal.messaging import views

app_name = "messaging"
urlpatterns = [path("demo/phone/", views.phone, name="phone")]
