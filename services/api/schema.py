"""What the API is, for programs and their developers: OpenAPI 3.1, served at `/api/v1/schema/`."""

from typing import Any

from services.api.models import ChangeKind
from services.queries import Refusal

DEFAULT_LIMIT, MAX_LIMIT = 100, 500

EXAMPLE_GROUP = {
    "code": "operators",
    "name": "Operators",
    "name#zh-Hant": "操作員",
    "name#pt": "Operador",
    "valid_from": "2026-03-01",
    "valid_until": None,
}
EXAMPLE_WHO = {"euid": "CU1234567890", "entity_number": "80216451"}
CURSOR = {"type": "string", "minLength": 1, "maxLength": 500}

ABOUT = """\
For the program of an e-service that relies on the portal: who may use the e-service, by which service groups, and who
has gained or lost what. A client sees its own e-service and no other.

Get a token at the token endpoint by client credentials with the scopes `authorizations` and `changes`, and send it in
the Authorization header. A client may ask 600 times a minute.

To keep a copy: read all pages of `/authorizations`, then `/changes` from the `changes_cursor` of the first of them, and
from there always from `next`. A change may come twice and is then the same; none is left out. Changes are kept for 90
days.

Where a department keeps its own list of people, any active login may use the e-service: ask about one at a time.

Every answer with status 200 is signed: `X-JWS-Signature` is a JWS (RFC 7515) without its middle part, which is the
body, byte for byte, in base64url. The keys are published at `jwks_uri` of the portal's discovery document.

Logins are named by their EUID; a client registered with pairwise subjects names them by the `sub` it was given, here or
when they signed in, and nowhere reads an EUID.
"""


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def record(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these properties and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def nullable(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"type": "null"}]}


DAY = {"type": ["string", "null"], "format": "date"}
REASON = {"type": "string", "enum": Refusal.values, "description": "The first of these that holds."}
WHO: dict[str, Any] = {
    "euid": {"type": "string", "pattern": "^CU[0-9]{10}$", "description": "Not for pairwise clients."},
    "sub": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "For pairwise clients only."},
    "entity_number": {"type": "string"},
}
EITHER = {"oneOf": [{"required": ["euid"]}, {"required": ["sub"]}]}
NAMES = tuple(name for name in WHO if name != "entity_number")

SCHEMAS: dict[str, Any] = {
    "Group": record(
        {
            "code": {"type": "string"},
            "name": {"type": "string", "description": "In English."},
            "name#zh-Hant": {"type": "string"},
            "name#pt": {"type": "string"},
            "valid_from": DAY | {"description": "The first day, in Macau."},
            "valid_until": DAY | {"description": "The last day, in Macau."},
        }
    ),
    "Standing": record(
        WHO
        | {
            "authorized": {"type": "boolean"},
            "groups": {"type": "array", "items": ref("Group"), "description": "By code."},
            "reason": nullable(REASON) | {"description": "Why not; null where authorized."},
        },
        optional=NAMES,
    )
    | EITHER,
    "Authorization": record(WHO | {"group": ref("Group")}, optional=NAMES) | EITHER,
    "Authorizations": record(
        {
            "authorizations": {"type": "array", "items": ref("Authorization"), "maxItems": MAX_LIMIT},
            "next": nullable(CURSOR) | {"description": "`after` of the next page; null on the last."},
            "changes_cursor": CURSOR | {"description": "Where to go on in `/changes`; the same on all pages."},
        }
    ),
    "Change": record(
        WHO
        | {
            "kind": {"type": "string", "enum": ChangeKind.values},
            "group": ref("Group"),
            "reason": nullable(REASON) | {"description": "Why it was lost; else null."},
            "at": {"type": "string", "format": "date-time", "description": "Noted within a minute of becoming true."},
        },
        optional=NAMES,
    )
    | EITHER,
    "Changes": record(
        {
            "changes": {"type": "array", "items": ref("Change"), "maxItems": MAX_LIMIT},
            "next": CURSOR | {"description": "`after` of the next question; always there."},
            "more": {"type": "boolean", "description": "More can be had at once."},
        }
    ),
    "Problem": record(
        {
            "type": {"const": "about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "For the program."},
            "detail": {"type": "string", "description": "For its developer."},
        }
    ),
}

AFTER = {
    "name": "after",
    "in": "query",
    "schema": CURSOR,
    "description": "A cursor that this e-service was given in such an answer. Without it: from the beginning.",
}
LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
}
SUBJECT = {
    "name": "subject",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^(CU[0-9]{10}|[0-9a-f]{64})$"},
    "description": "The EUID of a login; of a pairwise client, the `sub` it was given.",
}


def text_header(description: str) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "string"}}


SIGNATURE = text_header("A detached JWS over the body: `header..signature`, in the client's algorithm.")
CHALLENGE = text_header("RFC 6750")
RETRY_AFTER = {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 1}}


def failing(description: str, *codes: str, **headers: Any) -> dict[str, Any]:
    schema = {"allOf": [ref("Problem"), {"properties": {"code": {"enum": list(codes)}}}]}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": description, "content": content} | ({"headers": headers} if headers else {})


def operation(name: str, summary: str, scope: str, answer: str, example: Any, **more: Any) -> dict[str, Any]:
    """A question with every answer it can get; `parameters` and further `bad` codes of 400 and `others` by status."""
    bad, others = more.pop("bad", ()), more.pop("others", {})
    content = {"application/json": {"schema": ref(answer), "example": example}}
    codes = ("unreadable", "token_in_address", *bad)
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "security": [{"client": [scope]}],
            **more,
            "responses": {
                "200": {"description": "Signed.", "headers": {"X-JWS-Signature": SIGNATURE}, "content": content},
                "400": failing("Ask otherwise.", *codes),
                "401": failing(
                    "No token, or none that is worth something now.",
                    *("no_token", "invalid_token"),
                    **{"WWW-Authenticate": CHALLENGE},
                ),
                "403": failing(
                    "The token has not this scope.", "insufficient_scope", **{"WWW-Authenticate": CHALLENGE}
                ),
                **others,
                "429": failing("Too many in this minute.", "too_many_requests", **{"Retry-After": RETRY_AFTER}),
                "500": failing("Our fault.", "server_error"),
            },
        }
    }


PATHS = {
    "/api/v1/authorizations/{subject}": operation(
        "authorization",
        "May this login use the e-service now, and by which groups",
        "authorizations",
        "Standing",
        EXAMPLE_WHO | {"authorized": True, "groups": [EXAMPLE_GROUP], "reason": None},
        parameters=[SUBJECT],
        others={
            "404": failing("No login of this name has to do with the e-service.", "unknown_login", "no_such_address")
        },
    ),
    "/api/v1/authorizations": operation(
        "authorizations",
        "Everybody who may use the e-service, page by page",
        "authorizations",
        "Authorizations",
        {"authorizations": [EXAMPLE_WHO | {"group": EXAMPLE_GROUP}], "next": None, "changes_cursor": "WzE3XQ:0fVh"},
        parameters=[AFTER, LIMIT],
        bad=("bad_cursor", "bad_limit"),
    ),
    "/api/v1/changes": operation(
        "changes",
        "Who has gained or lost what, in order",
        "changes",
        "Changes",
        {
            "changes": [
                EXAMPLE_WHO
                | {
                    "kind": "lost",
                    "group": EXAMPLE_GROUP,
                    "reason": "not_assigned",
                    "at": "2026-11-25T01:00:00+00:00",
                }
            ],
            "next": "WzE4XQ:9sKd",
            "more": False,
        },
        parameters=[AFTER, LIMIT],
        bad=("bad_cursor", "bad_limit"),
        others={"410": failing("Changes after this cursor are no longer kept: read all again.", "cursor_expired")},
    ),
}


def document(address: str) -> dict[str, Any]:
    """The description of the API at an address of the portal."""
    grant = {
        "tokenUrl": f"{address}/oidc/token",
        "scopes": {"authorizations": "Who may use the e-service.", "changes": "Who has gained or lost what."},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Entity user accounts: API for e-services",
            "version": "1.0.0",
            "description": ABOUT,
        },
        "servers": [{"url": address}],
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"client": {"type": "oauth2", "flows": {"clientCredentials": grant}}},
        },
    }
