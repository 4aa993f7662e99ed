from django.conf import settings
from django.urls import path

from entity_portal.messaging import views

app_name = "messaging"
urlpatterns = [path("messages/twilio/<uuid:sms_id>/", views.twilio_status, name="twilio_status")]
if settings.DEMO:
    urlpatterns.append(path("demo/phone/", views.phone, name="phone"))
