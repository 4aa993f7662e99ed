"""A browser without a screen: signs in through the pages, and says what must be sent to stay signed in."""

import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import requests
from django_otp.oath import totp

from bench import data

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
WAITS = 35  # seconds until a code that was used already is another one


class Refused(Exception):
    """The portal did not let a login in that it should; where it sent it."""


@dataclass(frozen=True)
class Person:
    """A login of `bench_data`."""

    entity: str
    username: str

    @property
    def form(self) -> dict[str, str]:
        return {"entity_number": self.entity, "username": self.username, "password": data.PASSWORD}


def fresh() -> requests.Session:
    """Somebody who reads English and has been nowhere."""
    session = requests.Session()
    session.trust_env = False  # no proxy, whatever the machine has
    session.cookies.set("django_language", "en")
    return session


def token(session: requests.Session, url: str) -> str:
    """What a form of that page must bring along."""
    found = TOKEN.search(session.get(url).text)
    if not found:
        raise Refused(f"no form at {url}")
    return found[1]


def sign_in(url: str, person: Person, *, key: str = "") -> requests.Session:
    """Through the door, by password and, with the `key` of an application (hexadecimal), by its code.

    Raises:
        Refused
    """
    session = fresh()
    form = person.form | {"csrfmiddlewaretoken": token(session, f"{url}/login/")}
    answer = session.post(f"{url}/login/", data=form, allow_redirects=False)
    verify = f"{url}/login/verify/"
    for more in (True, False):
        if not key or answer.headers.get("Location") != "/login/verify/":
            break
        code = f"{totp(bytes.fromhex(key)):06d}"
        answer = session.post(
            verify, data={"code": code, "csrfmiddlewaretoken": token(session, verify)}, allow_redirects=False
        )
        if answer.status_code != 302 and more:  # this code has been used
            time.sleep(WAITS)
            answer.headers["Location"] = "/login/verify/"
    if answer.status_code != 302 or answer.headers["Location"].startswith("/login"):
        raise Refused(f"{person}: {answer.status_code}, to {answer.headers.get('Location')}")
    return session


def cookies(session: requests.Session) -> str:
    """The header that a browser sends."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)


def body(form: dict[str, str]) -> str:
    return urlencode(form)
