"""An e-service that signs people in through the portal: one file, Authlib and Python's own web server.

    pip install authlib requests
    ISSUER=http://127.0.0.1:8000 CLIENT_ID=… CLIENT_SECRET=… python client.py

Then open http://127.0.0.1:8100/. Register http://127.0.0.1:8100/callback as redirect_uri, http://127.0.0.1:8100/ as
post_logout_redirect_uri and http://127.0.0.1:8100/backchannel-logout as backchannel_logout_uri.
"""

import json
import os
import secrets
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ISSUER, CLIENT_ID, CLIENT_SECRET = (os.environ[name] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
PORT = int(os.environ.get("PORT", "8100"))
HERE = f"http://127.0.0.1:{PORT}"
SCOPES = "openid profile email phone entity service_groups"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
PORTAL = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=5).json()
sessions: dict[str, dict] = {}  # cookie -> what we know of this browser; a real e-service has a database


def portal(**more) -> OAuth2Session:
    settings = {"redirect_uri": f"{HERE}/callback", "scope": SCOPES, "code_challenge_method": "S256"}
    return OAuth2Session(CLIENT_ID, CLIENT_SECRET, default_timeout=5, **settings, **more)


def verified(token: str, **known) -> dict:
    """Check signature, iss, aud, exp (and, where known, nonce and at_hash); every e-service must."""
    keys = KeySet.import_key_set(requests.get(PORTAL["jwks_uri"], timeout=5).json())  # keep them for at most an hour
    found = jwt.decode(token, keys, algorithms=["RS256", "ES256"])
    expected = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": CLIENT_ID}}
    CodeIDToken(found.claims, found.header, expected, {"client_id": CLIENT_ID, **known}).validate(leeway=30)
    return found.claims


def form(to: str) -> str:
    return f'<form method="post" action="/{to}"><button>{to}</button></form>'


class Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, came = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        if path == "/callback":
            return self.callback(came)
        claims = self.session().get("claims")
        if path != "/" or claims is None:
            return self.page(form("login"))
        shown = escape(json.dumps(claims, indent=2, ensure_ascii=False))
        return self.page(f"<p>Hello, {escape(claims['sub'])}</p><pre>{shown}</pre>{form('refresh')}{form('logout')}")

    def do_POST(self) -> None:
        body = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
        steps = {"/login": self.login, "/refresh": self.refresh, "/logout": self.logout}
        if self.path == "/backchannel-logout":
            return self.backchannel(body.get("logout_token", ""))
        return steps[self.path]() if self.path in steps else self.page("Not found", 404)

    def login(self) -> None:
        """Send the browser to the portal, and remember what must come back with it."""
        sent = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "code_verifier")}
        url, _state = portal().create_authorization_url(PORTAL["authorization_endpoint"], **sent)
        self.go(url, {"sent": sent})

    def callback(self, came: dict[str, str]) -> None:
        sent = self.session().get("sent", {})
        if not sent or came.get("state") != sent["state"] or came.get("iss") != ISSUER:
            return self.page("This answer is not for this browser, or not from the portal.", 400)
        if "error" in came:  # access_denied: error_description says why, by a code
            return self.page(escape(f"{came['error']}: {came.get('error_description', '')}"), 403)
        client, proof = portal(), {"code": came.get("code", ""), "code_verifier": sent["code_verifier"]}
        try:
            tokens = client.fetch_token(PORTAL["token_endpoint"], grant_type="authorization_code", **proof)
            claims = verified(tokens["id_token"], nonce=sent["nonce"], access_token=tokens["access_token"])
        except (OAuthError, JoseError) as error:
            return self.page(escape(str(error)), 403)
        told = client.get(PORTAL["userinfo_endpoint"]).json()
        assert told["sub"] == claims["sub"]
        return self.go("/", {"tokens": dict(tokens), "claims": told, "sid": claims["sid"]})  # a new cookie

    def refresh(self) -> None:
        """Ask again what the person may do; whoever may not any more is signed out here too."""
        session = self.session()
        if "tokens" not in session:
            return self.go("/")
        client = portal(token=session["tokens"])
        try:
            tokens = client.refresh_token(PORTAL["token_endpoint"], refresh_token=session["tokens"]["refresh_token"])
        except OAuthError:  # invalid_grant
            return self.go("/", {})
        assert verified(tokens["id_token"])["sub"] == session["claims"]["sub"]
        session |= {"tokens": dict(tokens), "claims": client.get(PORTAL["userinfo_endpoint"]).json()}
        return self.go("/")

    def logout(self) -> None:
        """End the session here, at the portal, and with it at every other e-service."""
        tokens = self.session().get("tokens", {})
        query = urlencode({"id_token_hint": tokens.get("id_token", ""), "post_logout_redirect_uri": f"{HERE}/"})
        self.go(f"{PORTAL['end_session_endpoint']}?{query}" if tokens else "/", {})

    def backchannel(self, token: str) -> None:
        """The portal says that a session is over."""
        try:
            claims = verified(token)
        except (JoseError, ValueError):
            claims = {}
        if LOGOUT not in claims.get("events", {}) or "nonce" in claims:
            return self.page("This is no logout token of the portal.", 400)
        for key in [key for key, session in sessions.items() if session.get("sid") == claims["sid"]]:
            sessions.pop(key, None)
        return self.page("")

    def cookie(self) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get("efile")
        return found.value if found else ""

    def session(self) -> dict:
        return sessions.get(self.cookie(), {})

    def go(self, to: str, session: dict | None = None) -> None:
        """Redirect; with `session`, forget this browser's old one and begin another under a new cookie."""
        self.send_response(303)
        self.send_header("Location", to)
        if session is not None:
            sessions.pop(self.cookie(), None)
            key = secrets.token_urlsafe(32)
            sessions[key] = session
            self.send_header("Set-Cookie", f"efile={key}; Path=/; HttpOnly; SameSite=Lax")  # and Secure, over https
        self.end_headers()

    def page(self, html: str, status: int = 200) -> None:
        body = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>E-filing</title>{html}'.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    assert PORTAL["issuer"] == ISSUER, "ISSUER has to be exactly what the portal calls itself"
    print(f"Listening on {HERE}/", flush=True)  # noqa: T201
    ThreadingHTTPServer(("127.0.0.1", PORT), Service).serve_forever()
