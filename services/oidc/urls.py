from django.urls import path

from services.oidc.views import browser, metadata, programs

app_name = "oidc"
urlpatterns = [
    path(".well-known/openid-configuration", metadata.discovery, name="discovery"),
    path(".well-known/oauth-authorization-server", metadata.discovery, name="metadata"),
    path("oidc/jwks", metadata.jwks, name="jwks"),
    path("oidc/authorize", browser.authorize, name="authorize"),
    path("oidc/decide", browser.decide, name="decide"),
    path("account/e-services/<slug:service>/leave/", browser.leave_service, name="leave_service"),
    path("oidc/par", programs.par, name="par"),
    path("oidc/token", programs.token, name="token"),
    path("oidc/userinfo", programs.userinfo, name="userinfo"),
    path("oidc/introspect", programs.introspect, name="introspect"),
    path("oidc/revoke", programs.revoke, name="revoke"),
    path("oidc/logout", browser.end_session, name="end_session"),
    path("oidc/logout/confirm", browser.sign_out, name="sign_out"),
]
