"""What an e-service may ask about one login, how it proves itself, and how the answer is signed."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from joserfc import jws
from joserfc.jwk import KeySet
from jwcrypto.common import JWException
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from services.api.access import RATE
from services.api.models import Told
from services.models import Opening, OpeningStatus, ServiceGroup
from services.oidc.models import AccessToken, SubjectType
from staff.models import StaffLogin
from tests.cast import Cast, enter, group, member
from tests.services.api.asking import SCOPES, Program, program, token
from tests.services.oidc.relying import Party, client

NOBODY = "CU0000000000"


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture
def efile(place: ServiceGroup) -> Program:
    return program(place.service)


def test_of_an_assigned_login_the_groups_with_their_days_are_told_S13_Q33(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    today = timezone.localdate()
    member(place, company.staff, valid_from=today, valid_until=today + timedelta(days=9))
    member(group(open_to=company.entity, code="approvers"), company.staff)
    member(group(open_to=company.entity, service="tax"), company.staff)
    told = efile.read(f"authorizations/{company.staff.euid}")
    groups = told.pop("groups")
    assert told == {
        "euid": company.staff.euid,
        "entity_number": company.entity.number,
        "authorized": True,
        "reason": None,
    }
    assert [each["code"] for each in groups] == ["approvers", "operators"], "of this e-service only"
    assert groups[1] == {
        "code": "operators",
        "name": "Operators",
        "name#zh-Hant": "操作員",
        "name#pt": "Operador",
        "valid_from": str(today),
        "valid_until": str(today + timedelta(days=9)),
    }


def test_of_a_login_without_a_right_the_reason_is_told_Q24_Q25(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    def reason(person: StaffLogin) -> str:
        told = efile.read(f"authorizations/{person.euid}")
        assert (told["authorized"], told["groups"]) == (False, [])
        return told["reason"]

    assert reason(company.departed) == "login_departed"
    assert reason(company.pending) == "login_not_activated"
    assert reason(company.administrator) == "not_assigned"
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    assert reason(company.administrator) == "opening_suspended"


def test_where_the_department_keeps_its_own_list_an_active_login_may(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    """S13.2"""
    place.service.platform_managed = False
    place.service.save()
    told = efile.read(f"authorizations/{company.staff.euid}")
    assert (told["authorized"], told["groups"], told["reason"]) == (True, [], None)
    assert efile.read(f"authorizations/{company.departed.euid}")["reason"] == "login_departed"


@pytest.mark.parametrize(
    "subject",
    [NOBODY, "cu0000000000", "x", "a" * 64, "0" * 5000, "名", "😀", "%00"[1:], "..", "%2e%2e", "CU0000000000\n", "a b"],
)
def test_an_unknown_login_is_one_that_has_nothing_to_do_with_the_e_service(
    company: Cast, other: Cast, place: ServiceGroup, efile: Program, subject: str
) -> None:
    """S13: the API is no way to find out who exists."""
    answers = [efile.get(f"authorizations/{each}") for each in (other.staff.euid, subject)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["code"] == "unknown_login"
    assert answers[0]["Content-Type"] == "application/problem+json"


def test_whoever_signed_in_is_known_also_where_nothing_was_opened(company: Cast) -> None:
    """S13.2: where the department keeps its own list"""
    place = group()
    place.service.platform_managed = False
    place.service.save()
    efile = program(place.service)
    assert efile.get(f"authorizations/{company.staff.euid}").status_code == 404
    efile.party.tokens(enter(company.staff))
    assert efile.read(f"authorizations/{company.staff.euid}")["authorized"] is True
    assert efile.get(f"authorizations/{company.administrator.euid}").status_code == 404


def test_a_pairwise_client_knows_people_by_the_name_it_was_given_and_by_no_other(
    company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    member(place, company.administrator)
    pair = program(place.service, subject_type=SubjectType.PAIRWISE)
    sub = pair.party.client.subject_of(company.staff)
    assert pair.get(f"authorizations/{sub}").status_code == 404, "it was not given it"
    pair.party.tokens(enter(company.staff))
    told = pair.read(f"authorizations/{sub}")
    assert (told["sub"], told["authorized"]) == (sub, True)
    assert "euid" not in told
    program(place.service).party.tokens(enter(company.staff))  # the same e-service by its EUID
    assert Told.objects.filter(subject=company.staff.euid).exists()
    assert pair.get(f"authorizations/{company.staff.euid}").status_code == 404
    for page in (pair.read("changes")["changes"], pair.read("authorizations")["authorizations"]):
        text = json.dumps(page)
        assert "euid" not in text
        assert company.staff.euid not in text
        assert {each["sub"] for each in page} == {sub, pair.party.client.subject_of(company.administrator)}
        for each in page:
            assert pair.read(f"authorizations/{each['sub']}")["authorized"] is True
    tax = group(open_to=company.entity, service="tax")
    member(tax, company.staff)
    assert program(tax.service, subject_type=SubjectType.PAIRWISE).get(f"authorizations/{sub}").status_code == 404


def test_nothing_personal_is_told(company: Cast, place: ServiceGroup, efile: Program) -> None:
    member(place, company.staff)
    paths = ("changes", "authorizations", f"authorizations/{company.staff.euid}")
    text = "".join(efile.get(path).content.decode() for path in paths)
    person = company.staff
    hidden = (person.name_zh, person.name_foreign, person.username, person.document_number, person.mobile)
    assert not [each for each in hidden if each in text]


# --- who asks ---


def refused(response: Any, status: int, code: str) -> str:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert set(told) == {"type", "title", "status", "code", "detail"}
    assert (told["status"], told["code"]) == (status, code)
    assert "X-JWS-Signature" not in response
    return response.get("WWW-Authenticate", "")


@pytest.mark.parametrize("path", ["authorizations", f"authorizations/{NOBODY}", "changes"])
def test_without_a_token_that_counts_nothing_is_told_RFC6750(
    company: Cast, place: ServiceGroup, efile: Program, path: str
) -> None:
    member(place, company.staff)
    web, good = efile.party.web, efile.headers["Authorization"]
    scope = path.partition("/")[0]

    def ask(header: str | None, query: str = "") -> Any:
        headers = {"Authorization": header} if header is not None else {}
        return web.get(f"/api/v1/{path}{query}", headers=headers)

    missing = f'Bearer realm="portal", scope="{scope}"'
    bad = f'Bearer realm="portal", error="invalid_token", scope="{scope}"'
    assert refused(ask(None), 401, "no_token") == missing
    basic = efile.party.basic["Authorization"]
    for wrong in ("Bearer", "Bearer ", "Bearer x", f"{good}x", f"{good} {good}", basic, "é"):
        assert refused(ask(wrong), 401, "invalid_token") == bad, wrong
    refused(ask(good, f"?access_token={good[7:]}"), 400, "token_in_address")
    refused(ask(None, f"?access_token={good[7:]}"), 400, "token_in_address")
    person = efile.party.tokens(enter(company.staff))["access_token"]
    assert refused(ask(f"Bearer {person}"), 401, "invalid_token") == bad, "of a person"
    narrow = token(efile.party, scope="changes" if scope == "authorizations" else "authorizations")
    told = refused(ask(f"Bearer {narrow}"), 403, "insufficient_scope")
    assert told == f'Bearer realm="portal", error="insufficient_scope", scope="{scope}"'
    assert ask(good).status_code in (200, 404)
    posted = web.post(f"/api/v1/{path}", {"access_token": good[7:]})
    refused(posted, 405, "method_not_allowed")
    assert posted["Allow"] == "GET, HEAD"


def test_a_token_is_worth_nothing_once_its_time_or_its_client_is_over(place: ServiceGroup, efile: Program) -> None:
    made = efile.party.client
    assert efile.get("changes").status_code == 200
    made.scopes = "openid authorizations"
    made.save()
    refused(efile.get("changes"), 403, "insufficient_scope")
    made.scopes, made.disabled_at = SCOPES, timezone.now()
    made.save()
    refused(efile.get("changes"), 401, "invalid_token")
    made.disabled_at = None
    made.save()
    place.service.withdrawn_at = timezone.now()
    place.service.save()
    refused(efile.get("changes"), 401, "invalid_token")
    place.service.withdrawn_at = None
    place.service.save()
    assert efile.get("changes").status_code == 200
    AccessToken.objects.update(expires=timezone.now())
    refused(efile.get("changes"), 401, "invalid_token")


@override_settings(RATELIMIT_ENABLE=True)
def test_each_client_may_ask_so_often_and_then_waits(
    company: Cast, place: ServiceGroup, efile: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RATE == "600/m"
    monkeypatch.setattr("services.api.access.RATE", "2/m")
    assert [efile.get("changes").status_code for _time in range(2)] == [200, 200]
    full = efile.get("authorizations")
    refused(full, 429, "too_many_requests")
    assert 1 <= int(full["Retry-After"]) <= 60
    assert program(place.service).get("changes").status_code == 200, "another client"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace", "post"])
@pytest.mark.parametrize("path", ["authorizations", "authorizations/x", "changes", "schema/"])
def test_what_is_no_question_is_refused_with_the_methods_that_are(efile: Program, method: str, path: str) -> None:
    answer = getattr(efile.party.web, method)(f"/api/v1/{path}", headers=efile.headers)
    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nothing", 404, "no_such_address"),
        ("", 404, "no_such_address"),
        ("changes/", 404, "no_such_address"),
        ("authorizations/a/b", 404, "no_such_address"),
        ("authorizations/%2F", 404, "no_such_address"),
        ("authorizations/%00", 400, "unreadable"),
        ("authorizations/%FF", 404, "unknown_login"),
        ("authorizations/%ED%A0%80", 404, "unknown_login"),
        ("changes?after=%00", 400, "unreadable"),
        ("changes?after=%ED%A0%80", 400, "bad_cursor"),
        ("changes?" + "&".join(f"a{number}=" for number in range(60_000)), 400, "unreadable"),
    ],
)
def test_what_cannot_be_read_is_a_problem_for_a_program_and_no_page(
    efile: Program, path: str, status: int, code: str
) -> None:
    refused(efile.party.web.get(f"/api/v1/{path}", headers=efile.headers), status, code)


def test_our_own_fault_is_a_problem_with_a_reference(efile: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.queries.changes_after", lambda *a: 1 / 0)
    efile.party.web.raise_request_exception = False
    broken = efile.get("changes")
    refused(broken, 500, "server_error")
    assert len(broken.json()["detail"].rpartition(" ")[2].strip(".")) == 8


def test_no_answer_is_kept_by_others(efile: Program) -> None:
    assert "no-store" in efile.get("changes")["Cache-Control"]
    assert not efile.get("changes").cookies


def test_one_login_takes_no_more_statements_than_a_reason_has(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    with CaptureQueriesContext(connection) as asked:
        efile.read(f"authorizations/{company.staff.euid}")
    assert len(asked) <= 9


# --- the signature ---


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_any_library_verifies_an_answer_by_the_published_keys_and_sees_a_changed_byte(
    company: Cast, place: ServiceGroup, algorithm: str
) -> None:
    """RFC 7515 appendix F"""
    member(place, company.staff)
    efile = program(place.service, algorithm=algorithm)
    published = efile.party.web.get("/oidc/jwks").content
    for path in ("changes", "authorizations", f"authorizations/{company.staff.euid}"):
        answer = efile.get(path)
        header, empty, signature = answer["X-JWS-Signature"].split(".")
        assert empty == ""
        assert json.loads(base64.urlsafe_b64decode(header + "==="))["alg"] == algorithm

        def verified(body: bytes, header: str = header, signature: str = signature) -> bool:
            token = f"{header}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}.{signature}"
            found = JWS()
            found.deserialize(token)
            try:
                found.verify(JWKSet.from_json(published))
                ours = True
            except JWException:
                ours = False
            try:
                theirs = jws.deserialize_compact(
                    token, KeySet.import_key_set(json.loads(published)), algorithms=[algorithm]
                ).payload
            except Exception:
                theirs = b""
            assert ours == (theirs == body)
            return ours

        assert verified(answer.content)
        assert not verified(answer.content.replace(b"8021645", b"8021646", 1))
        assert not verified(answer.content + b" ")


def test_a_public_client_has_no_token_of_its_own(place: ServiceGroup) -> None:
    made, _secret = client(place.service, scopes=SCOPES)
    made.client_type, made.authentication, made.client_secret = "public", "none", ""
    made.save()
    answer = Party(made, "").post(
        "/oidc/token", {"grant_type": "client_credentials", "client_id": made.client_id}, proof=False
    )
    assert answer.status_code in (400, 401)
