"""The roof: which room answers which address."""

from django.conf import settings
from django.urls import include, path

from entity_portal import statements, views, watching
from entity_portal.admin import site
from entity_portal.demo import views as demo
from staff.views.door import set_language

urlpatterns = [
    path("", views.home, name="home"),
    path("language/<slug:code>/", set_language, name="language"),
    path("account/", views.account, name="account"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy, name="privacy"),
    path("entity/", views.entity, name="entity"),
    path("", include("entity_portal.guide.urls")),
    path("", include("entity_portal.humancheck.urls")),
    path("", include("activation.urls")),
    path("", include("staff.urls")),
    path("staff/<str:euid>/", views.person, name="person"),
    path("staff/<str:euid>/status/", views.depart, name="depart"),
    path("", include("services.urls")),
    path("", include("services.oidc.urls")),
    path("api/v1/", include("services.api.urls")),
    path("", include("accounts.applications.urls")),
    path("", include("entity_portal.messaging.urls")),
    path("admin/", site.urls),
    path("healthz", watching.alive, name="healthz"),
    path("readyz", watching.ready, name="readyz"),
    path("metrics", watching.show_metrics, name="metrics"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/service/", include("services.oidc.sandbox.urls")))
    urlpatterns.append(path("demo/app/", demo.app, name="demo_app"))
    urlpatterns.append(path("styleguide/", demo.show_styles, name="styleguide"))

handler400 = "entity_portal.errors.bad_request"
handler403 = "entity_portal.errors.not_found"  # someone who may not know of a thing is told what everybody is told
handler404 = "entity_portal.errors.not_found"
handler500 = "entity_portal.errors.server_error"
