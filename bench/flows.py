"""OpenID Connect as an e-service does it: a code by the browser, a token by the program. Counted are tokens."""

import base64
import hashlib
import http.client
import json
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.figures import spread
from bench.load import Slice, Wrong

AT_ONCE = 2


@dataclass(frozen=True)
class Provider:
    """Where codes and tokens come from, for which program, and the cookies of people who are signed in there."""

    url: str
    authorize: str
    token: str
    client: str
    secret: str
    back: str
    cookies: tuple[str, ...]


def request(client: str, back: str) -> tuple[str, dict[str, str]]:
    """(what proves later that it was us, what the authorization endpoint is asked), with PKCE (RFC 7636)"""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return verifier, {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "scope": "openid",
        "state": secrets.token_urlsafe(8),
        "nonce": secrets.token_urlsafe(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def code_of(location: str, back: str) -> str:
    """Raises:
    Wrong: it leads somewhere else, or brings no code.
    """
    code = parse_qs(urlsplit(location).query).get("code")
    if not code or not location.startswith(back):
        raise Wrong(f"no code, but {location or 'a page'}")
    return code[0]


def exchange(client: str, secret: str, back: str, code: str, verifier: str) -> tuple[dict[str, str], dict[str, str]]:
    """(form, headers) of the token request, by `client_secret_basic`"""
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return form, {"Authorization": f"Basic {basic}"}


def flow(provider: Provider, connection: http.client.HTTPConnection, cookies: str) -> dict[str, str]:
    """One sign-in of an e-service; returns the token endpoint's answer.

    Raises:
        Wrong: no code, or no token.
    """
    verifier, asked = request(provider.client, provider.back)
    connection.request("GET", f"{provider.authorize}?{urlencode(asked)}", headers={"Cookie": cookies})
    answer = connection.getresponse()
    answer.read()
    code = code_of(answer.headers.get("Location", ""), provider.back)
    form, headers = exchange(provider.client, provider.secret, provider.back, code, verifier)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST", provider.token, urlencode(form), headers)
    answer = connection.getresponse()
    said = answer.read()
    told: dict[str, str] = json.loads(said) if answer.status == 200 else {}
    if "access_token" not in told or "id_token" not in told:
        raise Wrong(f"no token: {answer.status} {said[:200]!r}")
    return told


def one(provider: Provider) -> dict[str, str]:
    """A token, and nothing measured."""
    place = urlsplit(provider.url)
    return flow(provider, http.client.HTTPConnection(place.hostname or "", place.port, timeout=30), provider.cookies[0])


def ask(provider: Provider, seconds: float) -> Slice:
    """Flows for so many seconds, two at once, each with people of its own.

    Raises:
        Wrong
    """
    took: list[float] = []
    wrong: list[Wrong] = []
    until = time.monotonic() + seconds

    def go(mine: tuple[str, ...]) -> None:
        place = urlsplit(provider.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        turn = 0
        while time.monotonic() < until and not wrong:
            begun = time.perf_counter()
            try:
                flow(provider, connection, mine[turn % len(mine)])
            except Wrong as error:
                wrong.append(error)
                break
            except (http.client.HTTPException, ConnectionError):  # the server closed an idle connection
                connection.close()
                continue
            took.append(1000 * (time.perf_counter() - begun))
            turn += 1
        connection.close()

    begun = time.perf_counter()
    threads = [threading.Thread(target=go, args=(provider.cookies[one::AT_ONCE],)) for one in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    assert took, "not one flow"
    took.sort()

    def at(share: float) -> float:
        return took[min(len(took) - 1, int(share * len(took)))]

    return Slice(len(took), len(took), time.perf_counter() - begun, spread(took).median, at(0.95), at(0.99))
