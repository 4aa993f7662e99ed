"""A person with a browser: over TLS to the front, cookies, forms; every answer is what it is, or none."""

import http.client
import socket
import ssl
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode

from bench.forms import form_with

PATIENCE = 25.0  # seconds for an answer, longer than nginx waits


class NoAnswer(Exception):
    """The connection could not be made, or ended, or nothing came: whether anything was done is not known."""


class NotNow(NoAnswer):
    """503 or 429: nothing was done."""


class LeftOut(Exception):
    """The portal sent this person to the door."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str
    retry_after: str


@dataclass(frozen=True)
class Front:
    """Where the portal is: its name, the address of the front, the certificate that it must show."""

    name: str
    address: str
    certificate: str


class Browser:
    """One connection, kept; `source` is the address that it comes from."""

    def __init__(self, front: Front, source: str) -> None:
        self.front, self.source = front, source
        self.context = ssl.create_default_context(cafile=front.certificate)
        self.cookies = {"__Host-language": "en"}
        self.connection: http.client.HTTPConnection | None = None

    def _connect(self) -> http.client.HTTPConnection:
        plain = socket.create_connection((self.front.address, 443), timeout=5, source_address=(self.source, 0))
        plain.settimeout(PATIENCE)
        connection = http.client.HTTPConnection(self.front.name, timeout=PATIENCE)
        connection.auto_open = 0  # it would go on without TLS
        connection.sock = self.context.wrap_socket(plain, server_hostname=self.front.name)
        return connection

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def ask(self, path: str, form: dict[str, str] | None = None) -> Answer:
        """Raises:
        NoAnswer
        """
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{self.front.name}"}
        for reused in (self.connection is not None, False):
            try:
                self.connection = self.connection or self._connect()
                sent = urlencode(form) if form is not None else None
                self.connection.request("GET" if form is None else "POST", path, sent, headers)
                answer = self.connection.getresponse()
                body = answer.read().decode(errors="replace")
                break
            except (OSError, http.client.HTTPException) as error:
                self.close()
                # As browsers do: a kept connection that ends without a word is taken for one that was closed before.
                if reused and isinstance(error, ConnectionError | ssl.SSLEOFError):
                    continue
                raise NoAnswer(f"{type(error).__name__}: {error}") from error
        for line in answer.headers.get_all("Set-Cookie") or []:
            self._keep(line)
        if answer.will_close:
            self.close()
        return Answer(answer.status, answer.headers.get("Location", ""), body, answer.headers.get("Retry-After", ""))

    def _keep(self, line: str) -> None:
        try:
            found = SimpleCookie(line)
        except CookieError:
            return
        for name, morsel in found.items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    def form(self, path: str, field_name: str) -> dict[str, str]:
        """The form of a page, as it came.

        Raises:
            NoAnswer: another answer than the page.
            LeftOut
        """
        answer = self.ask(path)
        if answer.status == 302 and answer.location.startswith("/login"):
            raise LeftOut(path)
        if answer.status != 200:
            raise (NotNow if answer.status in {429, 503} else NoAnswer)(str(answer.status))
        return form_with(field_name, answer.body)

    def sign_in(self, entity: str, username: str, password: str) -> None:
        """Raises:
        NoAnswer: it did not lead inside, for now.
        """
        self.close()
        for name in ("__Host-session",):
            self.cookies.pop(name, None)
        typed = {"entity_number": entity, "username": username, "password": password}
        answer = self.ask("/login/", self.form("/login/", "password") | typed)
        if answer.status != 302 or answer.location.startswith("/login"):
            refused = NotNow if answer.status in {429, 503} else NoAnswer
            raise refused(f"sign-in: {answer.status} {answer.location}")
