from django.urls import path

from services.oidc import views

app_name = "oidc"
urlpatterns = [
    path(".well-known/openid-configuration", views.discovery, name="discovery"),
    path(".well-known/oauth-authorization-server", views.discovery, name="metadata"),
    path("oidc/jwks", views.jwks, name="jwks"),
    path("oidc/authorize", views.authorize, name="authorize"),
    path("oidc/decide", views.decide, name="decide"),
    path("oidc/par", views.par, name="par"),
    path("oidc/token", views.token, name="token"),
    path("oidc/userinfo", views.userinfo, name="userinfo"),
    path("oidc/introspect", views.introspect, name="introspect"),
    path("oidc/revoke", views.revoke, name="revoke"),
    path("oidc/logout", views.end_session, name="end_session"),
    path("oidc/logout/confirm", views.sign_out, name="sign_out"),
]
