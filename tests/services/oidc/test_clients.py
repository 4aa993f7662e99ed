"""Officers register clients of e-services: who may, what is refused beside which field, a secret seen once."""

import json
import logging
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from jwcrypto.jwk import JWK
from zeal import zeal_ignore

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.roles import Role
from services.oidc import operations
from services.oidc.models import AccessToken, Authentication, Client, SignIn, SubjectType
from staff.models import Session
from tests import cast
from tests.pages import text_of
from tests.services.oidc.relying import ADDRESS, Party
from tests.services.oidc.relying import client as registered

pytestmark = pytest.mark.django_db
LIST = "/admin/oidc/client/"
ADD = f"{LIST}add/"
NAME = "a" * 40


@pytest.fixture
def house() -> cast.Cast:
    return cast.company()


@pytest.fixture
def browser(house: cast.Cast) -> Browser:
    return cast.officer()


def filled_in(house: cast.Cast, **changes: Any) -> dict[str, Any]:
    """The form as an officer sends it; a field given as None is left out, as a box without a tick is."""
    fields = {
        "client_id": NAME,
        "service": cast.group(open_to=house.entity).service.pk,
        "name": "E-filing",
        "redirect_uris": ADDRESS,
        "post_logout_redirect_uris": "https://efile.example.mo/bye",
        "backchannel_logout_uri": "https://efile.example.mo/backchannel",
        "authentication": "secret",
        "public_keys": "",
        "pkce_required": "on",
        "scopes": ["openid", "profile"],
        "subject_type": "public",
        "algorithm": "RS256",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def jwk(**kind: Any) -> str:
    return JWK.generate(**(kind or {"kty": "EC", "crv": "P-256"})).export_public()


def test_an_officer_registers_a_client_and_its_owner_signs_people_in(house: cast.Cast, browser: Browser) -> None:
    page = text_of(browser.post(ADD, filled_in(house)))
    client = Client.objects.get()
    assert client.client_id == NAME
    assert (client.client_type, client.authorization_grant_type) == ("confidential", "authorization-code")
    assert client.skip_authorization
    secret = page.partition("client_secret ")[2].split()[0]
    cast.member(cast.group(), house.staff)
    tokens = Party(client, secret).tokens(cast.enter(house.staff), scope="openid profile")
    assert tokens["scope"].split() == ["openid", "profile"]


# --- who may ---


@pytest.mark.parametrize("page", ["", "add/", "{pk}/change/"])
def test_only_officers_see_them_A65(house: cast.Cast, page: str) -> None:
    client, _secret = registered(cast.group(open_to=house.entity).service)
    address = LIST + page.format(pk=client.pk)
    assert cast.officer().get(address).status_code == 200
    assert cast.officer(code=False).get(address).status_code == 404
    assert cast.enter(house.administrator).get(address).status_code == 404
    assert Browser().get(address).status_code == 302
    assert cast.enter(house.administrator).get(address).status_code == 404


@pytest.mark.parametrize("what", ["add", "change", "secret", "disable", "enable"])
def test_nobody_else_changes_anything_A65_A73(house: cast.Cast, what: str) -> None:
    client, _secret = registered(cast.group(open_to=house.entity).service)
    before = list(Client.objects.values())
    address = ADD if what == "add" else f"{LIST}{client.pk}/{what}/"
    for who in (cast.enter(house.administrator), cast.officer(code=False), Browser()):
        assert who.post(address, filled_in(house)).status_code in {302, 404}
    without_token = Browser(enforce_csrf_checks=True)
    without_token.cookies = cast.officer().cookies
    assert without_token.post(address, filled_in(house)).status_code == 403
    assert cast.officer().get(f"{LIST}{client.pk}/secret/").status_code == 405
    assert list(Client.objects.values()) == before


def test_the_operations_take_officers_only(house: cast.Cast) -> None:
    service = cast.group(open_to=house.entity).service
    client, _secret = registered(service)
    for act in (
        lambda by: operations.register_client(service=service, by=by, name="x", redirect_uris=ADDRESS),
        lambda by: operations.change_client(client=client, by=by, name="x"),
        lambda by: operations.new_secret(client=client, by=by),
        lambda by: operations.disable_client(client=client, by=by),
        lambda by: operations.enable_client(client=client, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act(house.administrator)


@pytest.mark.parametrize("page", ["0/change/", "x/change/", "99999999999999999999999/change/", "%C3%A9/change/"])
def test_there_is_nothing_at_other_addresses(browser: Browser, page: str) -> None:
    assert browser.get(LIST + page).status_code == 404


# --- what is refused, beside its field ---

BAD_ADDRESSES = [
    ("http://efile.example.mo/callback", "does not have https:// in front"),
    ("efile.example.mo/callback", "not a whole address"),
    ("/callback", "not a whole address"),
    ("ftp://efile.example.mo/", "not a whole address"),
    ("com.example.app:/callback", "not a whole address"),
    ("javascript:alert(1)", "not a whole address"),
    ("https:///callback", "not a whole address"),
    ("https://efile.example.mo:port/", "not a whole address"),
    ("https://efile.example.mo:0/", "not a whole address"),
    ("https://[::1/", "not a whole address"),
    ("https://efile.example.mo/callback#top", "after #"),
    ("https://*.example.mo/callback", "has a *"),
    ("https://efile.example.mo/*", "has a *"),
    ("https://user@efile.example.mo/", "user name"),
    ("https://efile.example.mo\\@evil.example/", "sign that an address cannot have"),
    ("https://例.mo/", "sign that an address cannot have"),
    ("https://efile.example.mo/" + "x" * 500, "too long"),
]


@pytest.mark.parametrize(("address", "sentence"), BAD_ADDRESSES)
@pytest.mark.parametrize("field", ["redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"])
def test_addresses_are_whole_exact_and_encrypted(
    house: cast.Cast, browser: Browser, field: str, address: str, sentence: str
) -> None:
    """RFC 9700 2.1, 4.1"""
    if field == "backchannel_logout_uri" and len(address) > 200:
        sentence = "at most 200 characters"
    answer = browser.post(ADD, filled_in(house, **{field: address}))
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert set(answer.context["form"].errors) == {field}
    assert not Client.objects.exists()


@pytest.mark.parametrize("host", ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "testserver"])
def test_http_is_for_this_machine_in_development_only(
    house: cast.Cast, browser: Browser, settings: Any, host: str
) -> None:
    form = filled_in(house, redirect_uris=f"http://{host}/callback")
    settings.DEVELOPMENT = False
    assert "redirect_uris" in browser.post(ADD, form).context["form"].errors
    settings.DEVELOPMENT = True
    assert browser.post(ADD, form).status_code == 200
    assert Client.objects.get().redirect_uris == f"http://{host}/callback"


@pytest.mark.parametrize(
    "host", ["10.0.0.7", "127.0.0.1", "[::1]", "2130706433", "169.254.169.254", "localhost", "0x7f.1", "127.0x1"]
)
def test_the_portal_posts_to_named_hosts_only(house: cast.Cast, browser: Browser, settings: Any, host: str) -> None:
    """Back-Channel Logout 1.0 2.2: an officer's slip must not point the portal into its own network."""
    form = filled_in(house, backchannel_logout_uri=f"https://{host}/backchannel")
    settings.DEVELOPMENT = False
    told = browser.post(ADD, form).context["form"].errors["backchannel_logout_uri"]
    assert "does not name its host" in " ".join(told)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (lambda: JWK.generate(kty="EC", crv="P-256").export_private(), "private half"),
        (lambda: JWK.generate(kty="RSA", size=2048).export_private(), "private half"),
        (lambda: '{"kty": "oct", "k": "c2VjcmV0"}', "private half"),
        (lambda: jwk(kty="RSA", size=1024), "2048"),
        (lambda: jwk(kty="EC", crv="P-384"), "2048"),
        (lambda: jwk(kty="OKP", crv="Ed25519"), "2048"),
        (lambda: '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}', "not a JWK"),
        (lambda: '{"kty": "EC"}', "not a JWK"),
        (lambda: '{"kty": "RSA", "n": 5, "e": [1]}', "not a JWK"),
        (lambda: '{"kty": ["RSA"]}', "2048"),
        (lambda: "-----BEGIN PUBLIC KEY-----", "not a JWK"),
        (lambda: "[" * 30_000, "not a JWK"),
        (lambda: "[]", "not a JWK"),
        (lambda: '{"keys": "none"}', "not a JWK"),
        (lambda: '{"keys": [1]}', "not a JWK"),
        (lambda: json.dumps({"keys": [json.loads(jwk())] * 21}), "at most 20 keys"),
        (lambda: json.dumps({**json.loads(jwk()), "use": "enc"}), "not for signing"),
        (lambda: "", "Please enter this."),
        (lambda: '{"keys": []}', "Please enter this."),
    ],
)
def test_only_public_keys_that_are_long_enough_are_taken(
    house: cast.Cast, browser: Browser, keys: Any, sentence: str
) -> None:
    answer = browser.post(ADD, filled_in(house, authentication="key", public_keys=keys()))
    (told,) = answer.context["form"].errors["public_keys"]
    assert sentence in told
    assert not Client.objects.exists()


def test_a_key_is_kept_without_what_it_does_not_need(house: cast.Cast, browser: Browser) -> None:
    key = {**json.loads(jwk()), "kid": "of\u00ad2026", "x5c": ["MII"], "key_ops": ["verify"], "alg": "ES256"}
    browser.post(ADD, filled_in(house, authentication="key", public_keys=json.dumps(key)))
    (kept,) = Client.objects.get().public_keys
    assert set(kept) == {"kty", "crv", "x", "y", "alg"}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": " "}, "name", "Please enter this."),
        ({"name": "x" * 101}, "name", "at most 100"),
        ({"name": "a\x00b"}, "name", "hidden characters"),
        ({"redirect_uris": " "}, "redirect_uris", "Please enter this."),
        ({"redirect_uris": "\n".join(f"https://{n}.example.mo/" for n in range(21))}, "redirect_uris", "at most 20"),
        ({"redirect_uris": "x" * 20_000}, "redirect_uris", "characters"),
        ({"scopes": ["profile"]}, "scopes", "needs openid"),
        ({"scopes": None}, "scopes", "needs openid"),
        ({"scopes": ["openid", "everything"]}, "scopes", "Select a valid choice"),
        ({"authentication": "none", "scopes": ["openid", "changes"]}, "scopes", "public client"),
        ({"authentication": "none", "pkce_required": None}, "pkce_required", "nothing but PKCE"),
        ({"authentication": "mtls"}, "authentication", "Select a valid choice"),
        ({"subject_type": "x"}, "subject_type", "Select a valid choice"),
        ({"algorithm": "none"}, "algorithm", "Select a valid choice"),
        ({"service": "0"}, "service", "Select a valid choice"),
        ({"client_id": "short"}, "client_id", "valid value"),
    ],
)
def test_every_complaint_stands_beside_its_field(
    house: cast.Cast, browser: Browser, changes: dict[str, Any], field: str, sentence: str
) -> None:
    answer = browser.post(ADD, filled_in(house, **changes))
    assert list(answer.context["form"].errors) == [field]
    (told,) = answer.context["form"].errors[field]
    assert sentence in told
    assert not Client.objects.exists()


def test_the_operations_have_the_same_rules(house: cast.Cast) -> None:
    service = cast.group(open_to=house.entity).service
    for wrong in (
        {"redirect_uris": "http://efile.example.mo/"},
        {"redirect_uris": ADDRESS, "scopes": "profile"},
        {"redirect_uris": ADDRESS, "authentication": Authentication.KEY},
        {"redirect_uris": ADDRESS, "authentication": Authentication.NONE, "pkce_required": False},
        {"redirect_uris": ADDRESS, "authentication": Authentication.KEY, "public_keys": [{"kty": "oct", "k": "x"}]},
    ):
        with pytest.raises(ValidationError):
            operations.register_client(service=service, by=None, name="x", **wrong)


@pytest.mark.parametrize(
    "fields",
    [
        {"redirect_uris": "https://efile.example.mo/#x"},
        {"redirect_uris": "https://efile.example.mo/ javascript:alert(1)"},
        {"redirect_uris": "https://me@efile.example.mo/"},
        {"post_logout_redirect_uris": "https://*.example.mo/"},
        {"authentication": "none", "client_type": "public"},  # with its secret
        {"authentication": "key"},
        {"client_secret": "plain"},
    ],
)
def test_the_database_has_them_too(house: cast.Cast, fields: dict[str, Any]) -> None:
    client, _secret = registered(cast.group(open_to=house.entity).service)
    with pytest.raises(DatabaseError), transaction.atomic():
        Client.objects.filter(pk=client.pk).update(**fields)


def test_what_is_missing_stands_in_the_order_of_the_page_in_one_wording(house: cast.Cast, browser: Browser) -> None:
    answer = browser.post(ADD, {"client_id": NAME})
    wrong = answer.context["form"].errors
    assert [name for name in answer.context["form"].fields if name in wrong][:3] == ["service", "name", "redirect_uris"]
    words = text_of(answer)
    assert "This field is required" not in words
    assert "* After logging in, back to" in words


def test_whoever_may_only_read_a_client_sees_facts_and_no_form(house: cast.Cast) -> None:
    client, _secret = registered(cast.group(open_to=house.entity).service)
    answer = cast.officer(Role.AUDITOR).get(f"{LIST}{client.pk}/change/")
    page = answer.content.decode().partition('id="content-main"')[2].partition("</main>")[0]
    assert "<input" not in page
    assert "<textarea" not in page
    assert f"<code>{ADDRESS}</code>" in page
    assert '<span class="tag">openid</span>' in page
    assert "Public keys —" in text_of(answer)


def test_what_a_new_secret_and_disabling_do_stands_before_their_buttons(house: cast.Cast, browser: Browser) -> None:
    client, _secret = registered(cast.group(open_to=house.entity).service)
    page = browser.get(f"{LIST}{client.pk}/change/").content.decode()
    assert page.index('id="about-secret"') < page.index('aria-describedby="about-secret"')
    assert page.index('id="about-disabling"') < page.index('aria-describedby="about-disabling"')
    assert '<button class="button danger" aria-describedby="about-disabling">' in page


# --- the secret ---


def test_a_secret_is_shown_once_and_kept_as_a_digest(
    house: cast.Cast, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = text_of(browser.post(ADD, filled_in(house)))
    client = Client.objects.get()
    secret = page.partition("client_secret ")[2].split()[0]
    assert len(secret) >= 43
    assert client.client_secret == operations.secret_digest(secret)
    everywhere = [caplog.text, json.dumps(list(Event.objects.values("data", "target")))]
    everywhere += [str(session.get_decoded()) for session in Session.objects.all()]
    everywhere += [browser.get(address).content.decode() for address in (LIST, f"{LIST}{client.pk}/change/")]
    assert [secret in each for each in everywhere] == [False] * len(everywhere)
    assert client.client_secret not in json.dumps(list(Event.objects.values("data")))


def test_a_form_sent_twice_registers_once(house: cast.Cast, browser: Browser) -> None:
    first, again = (browser.post(ADD, filled_in(house)) for _try in range(2))
    assert "client_secret" in text_of(first)
    assert again["Location"] == f"{LIST}{Client.objects.get().pk}/change/"
    assert Event.objects.filter(action=Action.CLIENT_SECRET_MADE).count() == 1


def test_a_new_secret_makes_the_old_one_worthless(house: cast.Cast, browser: Browser) -> None:
    client, old = registered(cast.group(open_to=house.entity).service, scopes="openid changes")
    page = text_of(browser.post(f"{LIST}{client.pk}/secret/"))
    new = page.partition("client_secret ")[2].split()[0]
    own = {"grant_type": "client_credentials"}
    with zeal_ignore():  # whose secret is wrong is looked for in header and body
        assert Party(client, old).post("/oidc/token", own).status_code == 401
    assert Party(client, new).post("/oidc/token", own).status_code == 200


@pytest.mark.parametrize("way", ["none", "key"])
def test_who_proves_itself_otherwise_gets_no_secret(house: cast.Cast, browser: Browser, way: str) -> None:
    answer = browser.post(ADD, filled_in(house, authentication=way, public_keys=jwk() if way == "key" else ""))
    client = Client.objects.get()
    assert answer["Location"] == f"{LIST}{client.pk}/change/"
    assert client.client_secret == ""
    assert client.client_type == ("public" if way == "none" else "confidential")
    assert "New secret" not in text_of(browser.get(answer["Location"]))
    assert browser.post(f"{LIST}{client.pk}/secret/").status_code == 404
    assert not Event.objects.filter(action=Action.CLIENT_SECRET_MADE).exists()


def test_another_way_of_proof_takes_the_secret_away_and_back_there_is_a_new_one(
    house: cast.Cast, browser: Browser
) -> None:
    browser.post(ADD, filled_in(house))
    change = f"{LIST}{Client.objects.get().pk}/change/"
    answer = browser.post(change, filled_in(house, authentication="key", public_keys=jwk()))
    assert answer.status_code == 302, answer.context["form"].errors
    assert Client.objects.get().client_secret == ""
    assert '"keys"' in browser.get(change).content.decode().replace("&quot;", '"')
    assert "client_secret" in text_of(browser.post(change, filled_in(house)))
    assert Client.objects.get().client_secret


# --- changing ---


def test_a_form_sent_as_it_came_changes_nothing(house: cast.Cast, browser: Browser) -> None:
    browser.post(ADD, filled_in(house, authentication="key", public_keys=jwk(), asks="on"))
    before = Client.objects.values().get()
    change = f"{LIST}{before['id']}/change/"
    form = browser.get(change).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    browser.post(change, {name: value for name, value in sent.items() if value not in (None, False)})
    assert Client.objects.values().get() == before
    assert not Event.objects.filter(action=Action.CLIENT_CHANGED).exists()


def test_the_history_says_who_registered_and_changed_what(house: cast.Cast, browser: Browser) -> None:
    browser.post(ADD, filled_in(house))
    client = Client.objects.get()
    browser.post(f"{LIST}{client.pk}/change/", filled_in(house, name="Filing", par_required="on"))
    browser.post(f"{LIST}{client.pk}/disable/")
    lines = list(Event.objects.filter(target=client.client_id).order_by("pk"))
    assert [line.action for line in lines] == [
        Action.CLIENT_REGISTERED,
        Action.CLIENT_SECRET_MADE,
        Action.CLIENT_CHANGED,
        Action.CLIENT_CHANGED,
    ]
    assert all(line.actor for line in lines)
    assert lines[0].data["redirect_uris"] == ADDRESS
    changed = {name: value for name, value in lines[2].data.items() if name != "service"}
    assert changed == {"name": ["E-filing", "Filing"], "par_required": [False, True]}
    assert lines[3].data["disabled_at"][0] is None


def test_sub_is_fixed_by_the_first_sign_in(house: cast.Cast, browser: Browser) -> None:
    """Another kind would give everybody another identity (OIDC Core 8)."""
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    party = Party(*registered(group.service))
    change = f"{LIST}{party.client.pk}/change/"
    browser.post(change, filled_in(house, subject_type="pairwise"))
    assert Client.objects.get().subject_type == SubjectType.PAIRWISE
    party.tokens(cast.enter(house.staff), scope="openid")
    assert Client.objects.get().first_sign_in_at
    browser.post(change, filled_in(house, subject_type="public", name="renamed"))
    client = Client.objects.get()
    assert (client.name, client.subject_type) == ("renamed", SubjectType.PAIRWISE)
    with pytest.raises(ValidationError):
        operations.change_client(client=client, by=None, subject_type=SubjectType.PUBLIC)
    SignIn.objects.all().delete()
    for fields in ({"subject_type": "public"}, {"service": cast.group(service="other").service}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Client.objects.filter(pk=client.pk).update(**fields)


# --- disabled ---


@pytest.fixture
def party(house: cast.Cast) -> Party:
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    scopes = "openid profile authorizations"
    return Party(*registered(group.service, scopes=scopes, backchannel_logout_uri="https://efile.example.mo/out"))


def test_a_disabled_client_is_refused_everywhere_at_once(house: cast.Cast, browser: Browser, party: Party) -> None:
    person = cast.enter(house.staff)
    tokens, code = party.tokens(person), party.code(person)
    own = {"grant_type": "client_credentials"}
    assert party.post("/oidc/token", own).status_code == 200
    browser.post(f"{LIST}{party.client.pk}/disable/")
    assert "Disabled since" in text_of(browser.get(f"{LIST}{party.client.pk}/change/"))
    with zeal_ignore():  # who cannot prove itself is looked for in header and body
        assert party.ask(person).status_code == 400
        assert party.redeem(code).status_code == 401
        assert party.refresh(tokens["refresh_token"]).status_code == 401
        assert party.userinfo(tokens["access_token"]).status_code == 401
        assert party.post("/oidc/introspect", {"token": tokens["access_token"]}).status_code == 401
        assert party.post("/oidc/par", party.request()).status_code == 401
        assert party.post("/oidc/token", own).status_code == 401
    assert not AccessToken.objects.filter(sign_in=None).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'oidc.tell'")
        assert cursor.fetchone() == (2,), "it is told that these people are signed out"


def test_enabled_again_people_sign_in_anew(house: cast.Cast, browser: Browser, party: Party) -> None:
    person = cast.enter(house.staff)
    tokens = party.tokens(person)
    browser.post(f"{LIST}{party.client.pk}/disable/")
    browser.post(f"{LIST}{party.client.pk}/enable/")
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.tokens(person)


def test_a_scope_that_is_taken_away_nobody_has_from_now(house: cast.Cast, browser: Browser, party: Party) -> None:
    tokens = party.tokens(cast.enter(house.staff))
    operations.change_client(client=party.client, by=None, scopes="openid profile authorizations email")
    assert party.userinfo(tokens["access_token"]).status_code == 200
    operations.change_client(client=party.client, by=None, scopes="openid authorizations email")
    assert party.userinfo(tokens["access_token"]).status_code == 401


# --- on the machine itself ---


def test_the_command_registers_and_prints_the_secret_once(house: cast.Cast) -> None:
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    told = ["register_client", group.service.code, "First", "--redirect-uri", ADDRESS]
    out = StringIO()
    call_command(*told, "--post-logout-redirect-uri", "https://efile.example.mo/", stdout=out)
    secret = out.getvalue().partition("CLIENT_SECRET=")[2].strip()
    assert Party(Client.objects.get(), secret).tokens(cast.enter(house.staff))
    with pytest.raises(CommandError, match="There is no e-service"):
        call_command("register_client", "nothing", "First", "--redirect-uri", ADDRESS)
    with pytest.raises(CommandError, match="https"):
        call_command(*told[:-1], "http://efile.example.mo/")
