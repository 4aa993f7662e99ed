"""An e-service in tests: a registered client, and what it does with a browser's answers."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client as Browser
from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT

from services.models import EService
from services.oidc import operations
from services.oidc.models import Authentication, Client

ADDRESS = "https://efile.example.mo/callback"
BYE = "https://efile.example.mo/bye"


def client(service: EService, **fields: Any) -> tuple[Client, str]:
    """A confidential client of an e-service, past the admin, and its secret."""
    made = Client(
        service=service,
        name="E-filing",
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE,
        skip_authorization=True,
        redirect_uris=ADDRESS,
        post_logout_redirect_uris=BYE,
        **fields,
    )
    made.save()
    return made, operations.new_secret(client=made, by=None) if made.authentication == Authentication.SECRET else ""


@dataclass
class Party:
    """The program of the e-service; its own requests go through a browser without cookies."""

    client: Client
    secret: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    web: Browser = field(default_factory=Browser)

    @property
    def basic(self) -> dict[str, str]:
        pair = base64.b64encode(f"{self.client.client_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def request(self, **changes: Any) -> dict[str, str]:
        """The parameters of an authorization request; a parameter given as None is left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        params = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": ADDRESS,
            "scope": "openid profile email phone entity service_groups",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**params, **changes}.items() if value is not None}

    def ask(self, browser: Browser, **changes: Any) -> Any:
        return browser.get("/oidc/authorize", self.request(**changes))

    def code(self, browser: Browser, **changes: Any) -> str:
        return answer(self.ask(browser, **changes))["code"]

    def post(self, path: str, data: dict[str, str], *, proof: bool = True) -> Any:
        return self.web.post(path, data, headers=self.basic if proof else {})

    def redeem(self, code: str, /, **changes: str) -> Any:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": ADDRESS}
        return self.post("/oidc/token", {**data, "code_verifier": self.verifier, **changes})

    def tokens(self, browser: Browser, **changes: Any) -> dict[str, Any]:
        response = self.redeem(self.code(browser, **changes))
        assert response.status_code == 200, response.content
        return response.json()

    def refresh(self, token: str) -> Any:
        return self.post("/oidc/token", {"grant_type": "refresh_token", "refresh_token": token})

    def userinfo(self, token: str) -> Any:
        return self.web.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that the published keys verify."""
        published = JWKSet.from_json(self.web.get("/oidc/jwks").content)
        made = JWT(jwt=token, key=published, algs=["RS256", "ES256"])
        return json.loads(made.claims)


def answer(response: Any, *, address: str = ADDRESS) -> dict[str, str]:
    """What the browser brings back to the e-service."""
    assert response.status_code == 302, response.content.decode()[:600]
    assert response["Location"].startswith(f"{address}?"), response["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}
