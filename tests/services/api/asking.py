"""The program of an e-service that asks the API."""

from dataclasses import dataclass, field
from typing import Any

from services.models import EService
from tests.services.oidc import relying

SCOPES = "openid authorizations changes"


@dataclass
class Program:
    """A registered client with a token of its own for the API."""

    party: relying.Party
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {token(self.party)}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.party.web.get(f"/api/v1/{path}", query, headers=self.headers)

    def read(self, path: str, **query: Any) -> dict[str, Any]:
        response = self.get(path, **query)
        assert response.status_code == 200, response.content
        return response.json()

    def changes(self, after: str | None = None) -> tuple[list[dict[str, Any]], str]:
        """Everything from a cursor on, and where to go on."""
        found: list[dict[str, Any]] = []
        while True:
            told = self.read("changes", **({"after": after} if after else {}))
            found += told["changes"]
            after = told["next"]
            if not told["more"]:
                return found, after


def token(party: relying.Party, scope: str = "") -> str:
    asked = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    response = party.post("/oidc/token", asked)
    assert response.status_code == 200, response.content
    return response.json()["access_token"]


def program(service: EService, *, scopes: str = SCOPES, **fields: Any) -> Program:
    return Program(relying.Party(*relying.client(service, scopes=scopes, **fields)))
