"""A server that is Twilio as far as its own published OpenAPI description says: `tests/data/twilio_messages.json`.

Every request and every answer is checked against the description, addresses and fields come from it, and examples in it
fill what nobody asked for. What it has accepted it keeps, lists and reports, as Twilio does; what it does wrong on the
way, a test tells it.
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import requests
from django.utils import timezone
from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from twilio.request_validator import RequestValidator
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

ACCOUNT, TOKEN, SENDER = "AC" + "1" * 32, "secret", "+85328000000"
DESCRIPTION = json.loads((Path(__file__).parent / "data" / "twilio_messages.json").read_text())
CREATED = 201
Trouble = Callable[[dict[str, str]], Response | None]


class Cut(Exception):
    """Raised by a test's trouble: the connection ends without an answer."""


def problem(status: int, code: int) -> Response:
    """An error as Twilio words it."""
    said = {"code": code, "message": "no", "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return Response(json.dumps(said), status=status, content_type="application/json")


class Described(WerkzeugOpenAPIRequest):
    """A request as if it had gone to the server that the description names."""

    host_url = DESCRIPTION["servers"][0]["url"]


def nothing(_form: dict[str, str]) -> Response | None:
    return None


class TwilioServer:
    """`asked` are the forms of all that was asked to be sent, `accepted` the messages that exist."""

    def __init__(self) -> None:
        self.description = OpenAPI.from_dict(DESCRIPTION)
        self.asked: list[dict[str, str]] = []
        self.accepted: list[dict[str, Any]] = []
        self.refused: list[str] = []  # what the description does not allow
        self.callbacks: dict[str, str] = {}
        self.before: Trouble = nothing  # instead of accepting a message
        self.after: Trouble = nothing  # once it is accepted
        self.on_list: Trouble = nothing
        self.url = ""
        self.lock = threading.Lock()

    @Request.application
    def wsgi(self, request: Request) -> Response:
        described = Described(request)
        if request.authorization is None or request.authorization.password != TOKEN:
            return problem(401, 20003)
        try:
            self.description.validate_request(described)
        except OpenAPIError as wrong:
            self.refused.append(f"{wrong}: {wrong.__cause__}")
            return problem(400, 21000)
        name = "messages" if request.path.endswith("/Messages.json") else "message"
        answer: Response = getattr(self, f"{request.method.lower()}_{name}")(request)
        if answer.is_json and answer.status_code < 400:
            self.description.validate_response(described, WerkzeugOpenAPIResponse(answer))
        return answer

    def post_messages(self, request: Request) -> Response:
        form = request.form.to_dict()
        with self.lock:
            self.asked.append(form)
        if refused := self.before(form):
            return refused
        if not form.get("Body") or not ("From" in form) ^ ("MessagingServiceSid" in form):
            return problem(400, 21602)
        message = self.example("post", 201, "create") | self.made(form)
        with self.lock:
            self.accepted.append(message)
            self.callbacks[message["sid"]] = form.get("StatusCallback", "")
        return self.after(form) or self.answer(message, CREATED)

    def get_messages(self, request: Request) -> Response:
        if refused := self.on_list(request.args.to_dict()):
            return refused
        with self.lock:
            found = [each for each in reversed(self.accepted) if each["to"] == request.args.get("To", each["to"])]
        listed = self.example("get", 200) | {"messages": found[: int(request.args.get("PageSize", 50))]}
        return self.answer(listed | {"next_page_uri": None})

    def get_message(self, request: Request) -> Response:
        sid = request.path.rpartition("/")[2].removesuffix(".json")
        found = [each for each in self.accepted if each["sid"] == sid]
        return self.answer(found[0]) if found else problem(404, 20404)

    def made(self, form: dict[str, str]) -> dict[str, Any]:
        sid = f"SM{secrets.token_hex(16)}"
        return {
            "account_sid": ACCOUNT,
            "body": form["Body"],
            "date_created": format_datetime(timezone.now()),
            "date_sent": None,
            "direction": "outbound-api",
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "sid": sid,
            "status": "accepted" if "MessagingServiceSid" in form else "queued",
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
        }

    @staticmethod
    def example(method: str, status: int, name: str = "") -> dict[str, Any]:
        """What the description shows as an answer of this method of the list of messages."""
        (path,) = [path for path in DESCRIPTION["paths"] if path.endswith("/Messages.json")]
        (content,) = DESCRIPTION["paths"][path][method]["responses"][str(status)]["content"].values()
        return dict((content["examples"][name] if name else next(iter(content["examples"].values())))["value"])

    @staticmethod
    def answer(content: dict[str, Any], status: int = 200) -> Response:
        return Response(json.dumps(content), status=status, content_type="application/json")

    def report(self, message: dict[str, Any], status: str, *, token: str = TOKEN, error: int | None = None) -> int:
        """Move a message on and tell the portal, as Twilio does; return the status it answers with."""
        message["status"] = status
        url = self.callbacks[message["sid"]]
        form = {"MessageSid": message["sid"], "MessageStatus": status, "To": message["to"], "AccountSid": ACCOUNT}
        form |= {"ErrorCode": str(error)} if error else {}
        signature = RequestValidator(token).compute_signature(url, form)
        return requests.post(url, form, headers={"X-Twilio-Signature": signature}, timeout=60).status_code


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def run_wsgi(self) -> None:
        try:
            super().run_wsgi()
        except Cut:
            self.close_connection = True
            self.connection.close()

    def log_request(self, *args: Any) -> None:
        pass


@contextmanager
def running(port: int = 0) -> Iterator[TwilioServer]:
    """The server, at `url` on this machine."""
    twilio = TwilioServer()
    server = make_server(
        "127.0.0.1", port, twilio.wsgi, threaded=True, request_handler=Handler, passthrough_errors=True
    )
    twilio.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield twilio
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
