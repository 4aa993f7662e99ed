"""What e-services get for a code, what it is worth, and until when."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser
from django.utils import timezone
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from accounts.models import EntityStatus
from services.models import OpeningStatus
from services.oidc import keys, operations
from services.oidc.models import AccessToken, Client, Code, RefreshToken, SignIn
from staff.operations import ask_email_change, confirm_email_change, depart
from tests import cast
from tests.purging import purge_tables
from tests.race import at_once
from tests.services.oidc.relying import ADDRESS, Party, answer, client
from tests.staff.test_email import token as mailed

pytestmark = pytest.mark.django_db


def error(response: Any) -> str:
    assert response.status_code in (400, 401), response.content
    found: str = response.json()["error"]
    return found


# --- codes ---


def test_a_code_is_good_once_and_a_second_use_ends_what_came_of_the_first(party: Party, person: Browser) -> None:
    """A110: RFC 6749 4.1.2, RFC 9700; the toolkit alone leaves the tokens alive"""
    code = party.code(person)
    tokens = party.redeem(code).json()
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert error(party.redeem(code)) == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert error(party.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_a_code_is_good_for_a_minute(party: Party, person: Browser) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code, late = party.code(person), party.code(person)
        clock.shift(timedelta(seconds=59))
        assert party.redeem(code).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert error(party.redeem(late)) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": ""},
        {"redirect_uri": f"{ADDRESS}?x"},
        {"redirect_uri": ""},
        {"code": "made-up"},
        {"code": ""},
        {"code": "\x00"},
        {"grant_type": "password", "username": "ao.hoiian", "password": cast.PASSWORD},
        {"grant_type": "implicit"},
        {"grant_type": ""},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
    ],
)
def test_what_does_not_fit_gets_no_token(party: Party, person: Browser, changes: dict[str, str]) -> None:
    """A112, A114, A115: RFC 7636 4.6, RFC 6749 4.1.3, RFC 9700 2.4"""
    code = party.code(person)
    known = {"invalid_grant", "invalid_request", "unsupported_grant_type", "unauthorized_client"}
    assert error(party.redeem(code, **{"code": code, **changes})) in known
    assert not AccessToken.objects.exists()
    assert party.redeem(code).status_code == 200, "the true client is not harmed"


def test_a_code_is_its_clients_own(party: Party, person: Browser) -> None:
    """A114"""
    other = Party(*client(party.client.service))
    code = party.code(person)
    assert error(other.redeem(code, code_verifier=party.verifier)) == "invalid_grant"
    assert party.redeem(code).status_code == 200


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_code_used_by_twenty_at_once_succeeds_once(party: Party, person: Browser) -> None:
    """A111: RFC 6749 4.1.2; the losers hear invalid_grant, and the winner's tokens end: another has the code"""
    code = party.code(person)
    answers = at_once(20, lambda _number: party.redeem(code))
    statuses = sorted(each.status_code for each in answers)  # type: ignore[union-attr]
    assert statuses == [200, *[400] * 19]
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 1
    assert SignIn.objects.get().ended_at is not None


# --- refresh tokens ---


def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_family(party: Party, person: Browser) -> None:
    """A117: RFC 9700 4.14.2"""
    first = party.tokens(person)
    second = party.refresh(first["refresh_token"]).json()
    assert party.userinfo(first["access_token"]).status_code == 401, "replaced"
    assert party.userinfo(second["access_token"]).status_code == 200
    assert error(party.refresh(first["refresh_token"])) == "invalid_grant"
    assert party.userinfo(second["access_token"]).status_code == 401
    assert error(party.refresh(second["refresh_token"])) == "invalid_grant"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_refresh_token_used_by_twenty_at_once_succeeds_once(party: Party, person: Browser) -> None:
    token = party.tokens(person)["refresh_token"]
    answers = at_once(20, lambda _number: party.refresh(token))
    statuses = sorted(each.status_code for each in answers)  # type: ignore[union-attr]
    assert statuses == [200, *[400] * 19]
    assert RefreshToken.objects.count() == 2
    assert SignIn.objects.get().ended_at is not None


def test_a_refresh_token_is_its_clients_own_and_whoever_tries_harms_nobody(party: Party, person: Browser) -> None:
    other = Party(*client(party.client.service))
    tokens = party.tokens(person)
    assert error(other.refresh(tokens["refresh_token"])) == "invalid_grant"
    renewed = party.refresh(tokens["refresh_token"]).json()
    assert error(other.refresh(tokens["refresh_token"])) == "invalid_grant", "a used one, too"
    assert party.userinfo(renewed["access_token"]).status_code == 200


def test_a_sign_in_lasts_eight_hours_however_often_it_is_renewed(party: Party, person: Browser) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tokens = party.tokens(person)
        for _hour in range(7):
            clock.shift(timedelta(hours=1))
            tokens = party.refresh(tokens["refresh_token"]).json()
        clock.shift(timedelta(minutes=59, seconds=59))
        tokens = party.refresh(tokens["refresh_token"]).json()
        clock.shift(timedelta(seconds=1))
        assert error(party.refresh(tokens["refresh_token"])) == "invalid_grant"
        assert party.userinfo(tokens["access_token"]).status_code == 401


def test_an_access_token_lasts_ten_minutes(party: Party, person: Browser) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tokens = party.tokens(person)
        assert tokens["expires_in"] == 600
        clock.shift(timedelta(seconds=599))
        assert party.userinfo(tokens["access_token"]).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_refreshed_id_token_says_when_the_password_was_typed_and_has_no_nonce_of_others(
    party: Party, person: Browser
) -> None:
    """OIDC Core 12.2"""
    first = party.tokens(person)
    data = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "nonce": "another"}
    second = party.post("/oidc/token", data).json()
    was, now = party.claims(first["id_token"]), party.claims(second["id_token"])
    assert all(was[name] == now[name] for name in ("sub", "iss", "aud", "auth_time", "sid", "acr"))
    assert "nonce" not in now


# --- rights, asked again ---


def by_departure(house: cast.Cast, party: Party) -> None:
    depart(login=house.staff, by=house.administrator)


def by_removal(house: cast.Cast, party: Party) -> None:
    house.staff.assignments.update(ended_at=timezone.now())


def by_last_day(house: cast.Cast, party: Party) -> None:
    house.staff.assignments.update(valid_until=timezone.localdate() - timedelta(days=1))


def by_suspension(house: cast.Cast, party: Party) -> None:
    house.entity.openings.update(status=OpeningStatus.SUSPENDED)


def by_suspended_entity(house: cast.Cast, party: Party) -> None:
    house.entity.status = EntityStatus.SUSPENDED
    house.entity.save()


def by_withdrawn_service(house: cast.Cast, party: Party) -> None:
    party.client.service.withdrawn_at = timezone.now()
    party.client.service.save()


def by_disabled_client(house: cast.Cast | None, party: Party) -> None:
    party.client.disabled_at = timezone.now()
    party.client.save()


LOSSES = [
    *(by_departure, by_removal, by_last_day, by_suspension, by_suspended_entity),
    *(by_withdrawn_service, by_disabled_client),
]


@pytest.mark.parametrize("lose", LOSSES)
def test_whoever_may_not_any_more_has_tokens_that_open_nothing(
    house: cast.Cast, party: Party, person: Browser, lose: Any
) -> None:
    """A118, Q24, Q25: asked at token, refresh, userinfo and introspection, within the same second"""
    code, tokens = party.code(person), party.tokens(person)
    lose(house, party)
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.redeem(code).status_code in (400, 401)
    assert party.refresh(tokens["refresh_token"]).status_code in (400, 401)
    told = party.post("/oidc/introspect", {"token": tokens["access_token"]})
    assert told.status_code == 401 or told.json() == {"active": False}


@pytest.mark.parametrize("lose", [by_last_day, by_suspension])
def test_a_right_that_returns_revives_the_tokens(house: cast.Cast, party: Party, person: Browser, lose: Any) -> None:
    """Q24: suspended, not deleted"""
    tokens = party.tokens(person)
    lose(house, party)
    assert party.userinfo(tokens["access_token"]).status_code == 401
    house.entity.openings.update(status=OpeningStatus.OPEN)
    house.staff.assignments.update(valid_until=None)
    assert party.userinfo(tokens["access_token"]).status_code == 200


# --- userinfo ---


def test_scopes_decide_what_is_told(house: cast.Cast, party: Party, person: Browser) -> None:
    """OIDC Core 5.4"""
    told = party.userinfo(party.tokens(person, scope="openid")["access_token"]).json()
    assert told == {"sub": house.staff.euid, "euid": house.staff.euid}
    told = party.userinfo(party.tokens(person)["access_token"]).json()
    assert told["entity_number"] == house.entity.number
    assert (told["entity_kind"], told["entity_name"]) == ("company", "Hou Wan Chá, Limitada")
    assert (told["entity_name#zh-Hant"], told["entity_name#pt"]) == ("濠灣茶餐飲有限公司", "Hou Wan Chá, Limitada")
    assert (told["name"], told["name#zh-Hant"]) == ("AO HOI IAN", "歐凱欣")
    assert (told["preferred_username"], told["locale"]) == ("ao.hoiian", "zh-Hant")
    assert (told["phone_number"], told["phone_number_verified"]) == ("+85366123456", True)
    assert "email" not in told
    assert told["service_groups"] == [
        {
            "code": "operators",
            "name": "Operators",
            "name#zh-Hant": "操作員",
            "name#pt": "Operador",
            "valid_from": None,
            "valid_until": None,
        }
    ]


def test_an_address_is_verified_once_its_link_was_opened(house: cast.Cast, party: Party, person: Browser) -> None:
    ask_email_change(login=house.staff, by=house.staff, email="ao@example.mo")
    confirm_email_change(mailed("ao@example.mo"))
    told = party.userinfo(party.tokens(person)["access_token"]).json()
    assert (told["email"], told["email_verified"]) == ("ao@example.mo", True)
    unproven = cast.login(entity=house.entity, email="typed.by@example.mo")
    cast.member(party.client.service.groups.get(), unproven)
    told = party.userinfo(party.tokens(cast.enter(unproven))["access_token"]).json()
    assert (told["email"], told["email_verified"]) == ("typed.by@example.mo", False)


def test_only_groups_of_this_e_service_are_told(house: cast.Cast, party: Party, person: Browser) -> None:
    """S13.3: the groups of this e-service, in force today, and of no other"""
    cast.member(cast.group(open_to=house.entity, service="tax", code="filers"), house.staff)
    later = cast.group(open_to=house.entity, code="managers")
    cast.member(later, house.staff, valid_from=timezone.localdate() + timedelta(days=1))
    told = party.userinfo(party.tokens(person)["access_token"]).json()
    assert [group["code"] for group in told["service_groups"]] == ["operators"]


def test_a_token_in_the_address_or_an_id_token_opens_nothing(party: Party, person: Browser) -> None:
    """A121: RFC 9700 4.3.2; the toolkit alone takes ?access_token= at userinfo"""
    tokens = party.tokens(person)
    assert party.web.get("/oidc/userinfo", {"access_token": tokens["access_token"]}).status_code == 400
    assert party.userinfo(tokens["id_token"]).status_code == 401
    assert party.userinfo(tokens["refresh_token"]).status_code == 401
    assert party.userinfo("x").status_code == 401
    by_post = party.web.post("/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert by_post.status_code == 200


def test_tokens_and_secrets_are_kept_as_digests(party: Party, person: Browser) -> None:
    """RFC 9700: whoever reads the database can use nothing of it"""
    tokens = party.tokens(person)
    kept = str([list(model.objects.values()) for model in (Client, AccessToken, RefreshToken, SignIn)])
    for secret in (party.secret, tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
        assert secret not in kept


# --- what the tokens look like ---


def test_a_pairwise_client_gets_another_name_of_the_person_and_no_euid(house: cast.Cast, party: Party) -> None:
    """OIDC Core 8.1: two e-services cannot compare"""
    group = cast.group(open_to=house.entity, service="tax", code="filers")
    cast.member(group, house.staff)
    pairwise = [Party(*client(service, subject_type="pairwise")) for service in (party.client.service, group.service)]
    person = cast.enter(house.staff)
    told = [party.userinfo(party.tokens(person)["access_token"]).json() for party in pairwise]
    subjects = {each["sub"] for each in told}
    assert len(subjects) == 2
    assert house.staff.euid not in str(told)
    again = pairwise[0].tokens(person)
    assert pairwise[0].claims(again["id_token"])["sub"] == told[0]["sub"]
    assert "euid" not in pairwise[0].claims(again["id_token"])


def test_ES256_beside_RS256(house: cast.Cast, party: Party, person: Browser) -> None:
    """By what the client was registered with; the toolkit alone cannot"""
    for algorithm in ("RS256", "ES256"):
        party.client.algorithm = algorithm
        party.client.save()
        token = party.tokens(person)["id_token"]
        header = JWT(jwt=token).token.jose_header
        assert header["alg"] == algorithm
        assert header["kid"] in {key["kid"] for key in party.web.get("/oidc/jwks").json()["keys"]}
        assert party.claims(token)["sub"] == house.staff.euid


def test_the_published_keys_are_public_ones(party: Party) -> None:
    keys = party.web.get("/oidc/jwks").json()["keys"]
    assert {key["alg"] for key in keys} == {"RS256", "ES256"}
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {name for key in keys for name in key}


def test_discovery_tells_the_truth(party: Party) -> None:
    """OpenID Connect Discovery 1.0 3, RFC 8414"""
    told = party.web.get("/.well-known/openid-configuration").json()
    assert told == party.web.get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == "http://testserver"
    for name, address in told.items():
        if name.endswith(("_endpoint", "_uri")):
            path = address.removeprefix("http://testserver")
            assert party.web.get(path).status_code in (200, 302, 400, 401, 405), name


# --- the client proves itself ---


def test_a_wrong_secret_opens_nothing(party: Party, person: Browser) -> None:
    code = party.code(person)
    for wrong in ("", "x", party.client.client_secret, party.secret + " "):
        stranger = Party(party.client, wrong, party.verifier)
        assert error(stranger.redeem(code)) == "invalid_client"
    in_body = {"client_id": party.client.client_id, "client_secret": party.secret, "code_verifier": party.verifier}
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": ADDRESS, **in_body}
    assert party.post("/oidc/token", data, proof=False).status_code == 200
    operations.new_secret(client=party.client, by=None)
    assert error(party.redeem(party.code(person))) == "invalid_client", "replaced"


def with_key(service: Any, **fields: Any) -> tuple[Party, JWK]:
    key = JWK.generate(kty="EC", crv="P-256")
    made, _secret = client(service)
    public = key.export_public(as_dict=True)
    fields = {"authentication": "key", "public_keys": [public], "client_secret": "", **fields}
    Client.objects.filter(pk=made.pk).update(**fields)
    return Party(Client.objects.get(pk=made.pk), ""), key


def assertion(party: Party, key: JWK, *, alg: str = "ES256", **changes: Any) -> dict[str, str]:
    name, now = party.client.client_id, int(timezone.now().timestamp())
    claims = {"iss": name, "sub": name, "aud": "http://testserver/oidc/token", "jti": "1", "iat": now, "exp": now + 60}
    token = JWT(header={"alg": alg}, claims={k: v for k, v in {**claims, **changes}.items() if v is not None})
    token.make_signed_token(key)
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": token.serialize()}


def test_a_client_may_prove_itself_by_a_key(party: Party, person: Browser) -> None:
    """private_key_jwt: OIDC Core 9, RFC 7523; each proof is good once"""
    keyed, key = with_key(party.client.service)
    proof = assertion(keyed, key)
    data = {"grant_type": "authorization_code", "redirect_uri": ADDRESS, "code_verifier": keyed.verifier}
    first = keyed.post("/oidc/token", {**data, "code": keyed.code(person), **proof}, proof=False)
    assert first.status_code == 200, first.content
    again = keyed.post("/oidc/token", {**data, "code": keyed.code(person), **proof}, proof=False)
    assert error(again) == "invalid_client", "seen before"
    issuer = assertion(keyed, key, aud=["http://testserver"], jti="2")
    asked = {"token": first.json()["access_token"], **issuer}
    assert keyed.post("/oidc/introspect", asked, proof=False).json()["active"] is True
    pushed = keyed.post("/oidc/par", keyed.request() | assertion(keyed, key, jti="3"), proof=False)
    assert pushed.status_code == 201
    revoked = {"token": first.json()["access_token"], **assertion(keyed, key, jti="4")}
    assert keyed.post("/oidc/revoke", revoked, proof=False).status_code == 200
    assert keyed.userinfo(first.json()["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://another.example/token"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": 99999999999},
        {"exp": "soon"},
        {"jti": None},
        {"iss": "another"},
        {"sub": "another"},
        {"sub": "\x00"},
        {"iat": "x", "aud": {"x": 1}},
    ],
)
def test_a_proof_that_does_not_fit_is_none(party: Party, changes: dict[str, Any]) -> None:
    keyed, key = with_key(party.client.service)
    data = {"token": "x", **assertion(keyed, key, **changes)}
    assert error(keyed.post("/oidc/introspect", data, proof=False)) == "invalid_client"


def test_a_proof_by_another_key_or_by_none_is_none(party: Party) -> None:
    keyed, key = with_key(party.client.service)
    stranger = JWK.generate(kty="EC", crv="P-256")
    by_secret = JWK(kty="oct", k="c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U")
    made = [assertion(keyed, stranger), assertion(keyed, by_secret, alg="HS256")]
    proofs = [each["client_assertion"] for each in made]
    proofs += ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "." * 20, "é.é.é", "e" * 100_000]
    for proof in proofs:
        data = {"token": "x", **assertion(keyed, key), "client_assertion": proof}
        assert error(keyed.post("/oidc/introspect", data, proof=False)) == "invalid_client"
    wrong_kind = {"token": "x", **assertion(keyed, key), "client_assertion_type": "urn:x"}
    assert error(keyed.post("/oidc/introspect", wrong_kind, proof=False)) == "invalid_client"
    assert error(Party(keyed.client, "").post("/oidc/introspect", {"token": "x"})) == "invalid_client", "no secret"
    Client.objects.filter(pk=party.client.pk).update(public_keys=keyed.client.public_keys)
    by_key = {"token": "x", **assertion(party, key)}
    assert error(party.post("/oidc/introspect", by_key, proof=False)) == "invalid_client", "registered for a secret"


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic é", "Basic e", "Basic Og==", "Basic /////w==", "Bearer x"]
)
def test_a_header_that_is_none_A122(party: Party, header: str) -> None:
    for path in ("/oidc/token", "/oidc/introspect", "/oidc/revoke", "/oidc/par"):
        data = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
        answer = party.web.post(path, data, headers={"Authorization": header})
        assert error(answer) in ("invalid_client", "invalid_request"), path


def test_a_public_client_has_PKCE_alone(party: Party, person: Browser) -> None:
    public, _secret = client(party.client.service)
    fields = {"authentication": "none", "client_type": "public", "client_secret": ""}
    Client.objects.filter(pk=public.pk).update(**fields)
    app = Party(Client.objects.get(pk=public.pk), "")
    data = {"grant_type": "authorization_code", "redirect_uri": ADDRESS, "client_id": app.client.client_id}
    stolen = app.post("/oidc/token", {**data, "code": app.code(person)}, proof=False)
    assert error(stolen) in ("invalid_grant", "invalid_request")
    own = {**data, "code": app.code(person), "code_verifier": app.verifier}
    tokens = app.post("/oidc/token", own, proof=False).json()
    assert app.userinfo(tokens["access_token"]).status_code == 200
    asked = {"token": tokens["access_token"], "client_id": app.client.client_id}
    assert error(app.post("/oidc/introspect", asked, proof=False)) == "invalid_client", "anybody can say its name"
    own = {"grant_type": "client_credentials", "client_id": app.client.client_id, "scope": "changes"}
    assert app.post("/oidc/token", own, proof=False).status_code in (400, 401)


def test_a_confidential_client_can_be_freed_from_PKCE(party: Party, person: Browser) -> None:
    party.client.pkce_required = False
    party.client.save()
    code = party.code(person, code_challenge=None, code_challenge_method=None)
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": ADDRESS}
    assert party.post("/oidc/token", data).status_code == 200
    downgraded = party.code(person, code_challenge=None, code_challenge_method=None)
    assert error(party.redeem(downgraded)) == "invalid_grant", "a verifier where there was no challenge"
    with_challenge = party.code(person)
    assert error(party.post("/oidc/token", {**data, "code": with_challenge})) in ("invalid_grant", "invalid_request")


# --- introspection, revocation, an e-service for itself ---


def test_introspection_is_for_ones_own_tokens(house: cast.Cast, party: Party, person: Browser) -> None:
    """RFC 7662: the toolkit alone tells every confidential client of every token"""
    tokens = party.tokens(person)
    told = party.post("/oidc/introspect", {"token": tokens["access_token"]}).json()
    assert told["active"] is True
    assert (told["sub"], told["client_id"], told["username"]) == (house.staff.euid, party.client.client_id, "ao.hoiian")
    assert party.post("/oidc/introspect", {"token": tokens["refresh_token"]}).json()["active"] is True
    other = Party(*client(party.client.service))
    for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"], "x", ""):
        assert other.post("/oidc/introspect", {"token": token}).json() == {"active": False}
    assert error(party.post("/oidc/introspect", {"token": "x"}, proof=False)) == "invalid_client"
    assert error(party.post("/oidc/introspect", {"token": "\x00"})) == "invalid_request"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revocation_is_for_ones_own_tokens_and_ends_the_sign_in(party: Party, person: Browser, kind: str) -> None:
    """RFC 7009"""
    tokens = party.tokens(person)
    other = Party(*client(party.client.service))
    assert other.post("/oidc/revoke", {"token": tokens[kind]}).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert party.post("/oidc/revoke", {"token": tokens[kind]}).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert error(party.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert SignIn.objects.get().told_at is not None, "it knows"
    assert party.post("/oidc/revoke", {"token": tokens[kind]}).status_code == 200, "twice is no fault"


def test_an_e_service_gets_a_token_for_itself_which_is_of_no_person(party: Party) -> None:
    """client credentials; what is posted beside them changes nothing"""
    party.client.scopes += " authorizations"
    party.client.save()
    data = {"grant_type": "client_credentials", "scope": "authorizations", "sign_in": "x", "user": "1", "held": "y"}
    tokens = party.post("/oidc/token", data).json()
    assert tokens["scope"] == "authorizations"
    assert "refresh_token" not in tokens
    row = AccessToken.objects.get()
    assert (row.user, row.sign_in) == (None, None)
    assert party.userinfo(tokens["access_token"]).status_code == 401, "no scope openid"
    assert error(party.post("/oidc/token", {"grant_type": "client_credentials", "scope": "openid"})) == "invalid_scope"
    assert error(party.post("/oidc/token", {"grant_type": "client_credentials", "scope": "changes"})) == "invalid_scope"
    assert party.post("/oidc/introspect", {"token": tokens["access_token"]}).json()["active"] is True
    assert party.post("/oidc/revoke", {"token": tokens["access_token"]}).status_code == 200
    assert not AccessToken.objects.exists()


def test_a_disabled_client_gets_no_token_for_itself(party: Party) -> None:
    party.client.scopes += " changes"
    by_disabled_client(None, party)
    assert error(party.post("/oidc/token", {"grant_type": "client_credentials"})) == "invalid_client"


def test_a_client_without_a_scope_of_its_own_gets_none(party: Party) -> None:
    assert error(party.post("/oidc/token", {"grant_type": "client_credentials"})) == "unauthorized_client"


def test_a_persons_scope_does_not_open_the_api(party: Party, person: Browser) -> None:
    """The scopes of e-services are not asked for in a person's name"""
    party.client.scopes += " authorizations"
    party.client.save()
    assert party.tokens(person, scope="openid authorizations")["scope"] == "openid"


def test_old_rows_are_forgotten(party: Party, person: Browser) -> None:
    party.tokens(person)
    SignIn.objects.update(created_at=timezone.now() - timedelta(hours=31))
    purge_tables("oidc_signin")
    for model in (SignIn, Code, AccessToken, RefreshToken):
        assert model.objects.exists()
    SignIn.objects.update(created_at=timezone.now() - timedelta(hours=33))
    purge_tables("oidc_signin")
    for model in (SignIn, Code, AccessToken, RefreshToken):
        assert not model.objects.exists()


def test_without_a_key_nothing_is_signed_and_the_log_says_why(settings: Any, tmp_path: Any) -> None:
    settings.OIDC_KEYS_DIR, settings.DEVELOPMENT = str(tmp_path), False
    with pytest.raises(ImproperlyConfigured, match="signing_keys new"):
        keys.signing_key("RS256")
    settings.OIDC_KEYS_DIR = str(tmp_path / "none")
    with pytest.raises(ImproperlyConfigured, match="OIDC_KEYS_DIR"):
        keys.signing_key("RS256")


def test_an_answer_of_the_client_is_used_only_by_it(party: Party, person: Browser) -> None:
    assert answer(party.ask(person))["code"] not in str(list(SignIn.objects.values()))
