"""The activation wizard as a person goes through it, and the button that sends the code."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client

from activation import operations
from activation.models import ActivationCode, TermsAcceptance
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, PhoneText
from staff.models import StaffLogin, of_document
from tests.cast import PASSWORD, Cast, enter, login
from tests.pages import text_of

START, CREDENTIALS, DONE = "/activate/", "/activate/credentials/", "/activate/done/"
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=ZoneInfo("Asia/Macau"))
MISMATCH = "These data do not fit together, or the code is no longer valid."


@pytest.fixture
def visitor() -> Client:
    return enter()


@pytest.fixture
def code(company: Cast) -> str:
    """What the person reads in the SMS."""
    operations.send_code(login=company.pending, by=company.administrator)
    return re.findall(r"#code=(\w+)", SMS.objects.get(to=company.pending.mobile).body)[0]


def answered() -> dict[str, str]:
    """A question asked anew, with its answer."""
    question = Challenge.ask("picture")
    return {"human_0": question.key, "human_1": question.task}


def typed(person: StaffLogin, right: str, **changes: str) -> dict[str, str]:
    data = {
        "document_number": person.document_number,
        "document_type": "bir_permanent",
        "birth_date": "1990-01-01",
        "entity_number": person.entity.number,
        "code": right,
        "agree": "on",
    }
    return {**data, **answered(), **changes}


CHOSEN = {"username": "ho.chihin", "password": PASSWORD, "password_again": PASSWORD}


def test_the_whole_way_from_the_sms_to_the_door_S5_5(visitor: Client, company: Cast, code: str) -> None:
    page = visitor.get(START, {"entity": company.entity.number})
    assert page.context["form"]["entity_number"].value() == company.entity.number
    assert f'value="{company.entity.number}"' in page.content.decode()

    page = visitor.post(START, typed(company.pending, code), follow=True)
    assert page.redirect_chain == [(CREDENTIALS, 302)]
    assert "The username cannot be changed once set." in text_of(page)

    page = visitor.post(CREDENTIALS, CHOSEN, follow=True)
    assert page.redirect_chain == [(DONE, 302)]
    shown = text_of(page)
    for datum in (company.pending.euid, "ho.chihin", company.entity.number):
        assert datum in shown

    door = {"entity_number": company.entity.number, "username": "HO.ChiHin", "password": PASSWORD}
    page = visitor.post("/login/", door, follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert page.context["user"] == company.pending


def test_the_fields_stand_in_the_guides_order_and_every_term_is_shown_S5_7_to_S5_13(visitor: Client, db: None) -> None:
    page = visitor.get(START)
    names = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', page.content.decode())
    order = ["document_number", "document_type", "birth_date", "entity_number", "code", "human_0", "human_1", "agree"]
    assert [name for name in names if name in order] == order
    assert "1234567(8)" in text_of(page)
    assert page.context["form"]["document_type"].value() == "bir_permanent"
    shown = text_of(page)
    for words in ("activation code", "login password", "one-time password", "the data cannot be edited"):
        assert words in shown


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
def test_the_terms_accepted_are_those_that_were_shown_Q6(company: Cast, code: str, language: str) -> None:
    client = enter()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.post(START, typed(company.pending, code))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.post(CREDENTIALS, CHOSEN)
    assert TermsAcceptance.objects.select_related("terms").get(login=company.pending).terms.language == language


def normalised(page: Any) -> str:
    """A page without what differs each time: tokens, questions, and what the person typed."""
    html = page.content.decode()
    html = re.sub(r'(csrfmiddlewaretoken|human_0)" value="[^"]*"', r"\1", html)
    html = re.sub(r"/human-check/[^\"]*\.png", "", html)
    return re.sub(r'value="[^"]*"|<option[^>]*>', "", html)


def test_every_mismatch_gets_one_identical_page_A14_A20_A21(
    visitor: Client, company: Cast, other: Cast, code: str
) -> None:
    person = company.pending
    departed, active = company.departed.document_number, company.staff.document_number
    changes: list[dict[str, str]] = [
        {"entity_number": "99999999"},
        {"entity_number": other.entity.number},
        {"document_number": "87654321"},
        {"document_number": departed},
        {"document_number": active},
        {"document_type": "passport"},
        {"birth_date": "1990-01-02"},
        {"code": "AAAAAAA2"},
        {"code": "A"},
    ]
    pages = [visitor.post(START, typed(person, code, **change)) for change in changes]
    assert all(page.status_code == 200 and MISMATCH in text_of(page) for page in pages)
    assert len({normalised(page) for page in pages}) == 1
    burnt = visitor.post(START, typed(person, "AAAAAAA2"))
    for _try in range(5):
        burnt = visitor.post(START, typed(person, "AAAAAAA2"))
    assert normalised(visitor.post(START, typed(person, code))) == normalised(burnt) == normalised(pages[0])


def test_step_2_does_not_open_without_step_1(visitor: Client, company: Cast, code: str) -> None:
    for answer in (visitor.get(CREDENTIALS), visitor.post(CREDENTIALS, CHOSEN), visitor.get(DONE)):
        assert (answer.status_code, answer["Location"]) == (302, START)
    assert StaffLogin.objects.get(pk=company.pending.pk).status == "pending"


def test_step_2_stays_open_a_quarter_of_an_hour(visitor: Client, company: Cast, code: str, time_machine: Any) -> None:
    ActivationCode.objects.update(created_at=NOON, expires_at=NOON + timedelta(hours=72))
    time_machine.move_to(NOON, tick=False)
    visitor.post(START, typed(company.pending, code))
    time_machine.move_to(NOON + timedelta(minutes=15), tick=False)
    assert visitor.get(CREDENTIALS).status_code == 200
    time_machine.move_to(NOON + timedelta(minutes=15, seconds=1), tick=False)
    page = visitor.post(CREDENTIALS, CHOSEN, follow=True)
    assert page.redirect_chain == [(START, 302)]
    assert "Please begin again." in text_of(page)
    assert StaffLogin.objects.get(pk=company.pending.pk).status == "pending"


def test_step_2_does_not_open_for_someone_else(visitor: Client, company: Cast, code: str) -> None:
    visitor.post(START, typed(company.pending, code))
    assert enter().get(CREDENTIALS)["Location"] == START


def test_a_code_cannot_be_used_again_by_going_back_A25(visitor: Client, company: Cast, code: str) -> None:
    visitor.post(START, typed(company.pending, code))
    visitor.post(CREDENTIALS, CHOSEN)
    assert visitor.post(CREDENTIALS, {**CHOSEN, "username": "other.name"})["Location"] == START
    assert MISMATCH in text_of(visitor.post(START, typed(company.pending, code)))
    assert StaffLogin.objects.get(pk=company.pending.pk).username == "ho.chihin"


@pytest.mark.parametrize("agree", [None, "", "false"])
def test_without_the_terms_ticked_there_is_no_next_step_A30(
    visitor: Client, company: Cast, code: str, agree: str | None
) -> None:
    data = typed(company.pending, code) | ({"agree": agree} if agree is not None else {})
    if agree is None:
        del data["agree"]
    page = visitor.post(START, data)
    assert page.status_code == 200
    assert "Read the terms and tick the box to go on." in text_of(page)
    assert ActivationCode.objects.get().tries == 0
    assert visitor.get(CREDENTIALS).status_code == 302


def test_a_taken_username_is_an_error_beside_its_field_A29(visitor: Client, company: Cast, code: str) -> None:
    visitor.post(START, typed(company.pending, code))
    page = visitor.post(CREDENTIALS, {**CHOSEN, "username": "AO.hoiian"})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["username"]
    assert "has this username" in text_of(page)
    assert visitor.post(CREDENTIALS, CHOSEN)["Location"] == DONE


@pytest.mark.parametrize(
    "username", ["abc", "a" * 31, "with space", "naïve", "сhan.san", "chan\u200bsan", "chan/san", "chan@san"]
)
def test_a_username_is_4_to_30_plain_characters_Q16_A83_A84(
    visitor: Client, company: Cast, code: str, username: str
) -> None:
    visitor.post(START, typed(company.pending, code))
    page = visitor.post(CREDENTIALS, {**CHOSEN, "username": username})
    assert list(page.context["form"].errors) == ["username"]


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("Macau26", "Macau26", "password"),
        ("macau2026x", "macau2026x", "password"),
        ("MACAU2026X", "MACAU2026X", "password"),
        ("MacauMacau", "MacauMacau", "password"),
        (PASSWORD, "Macau2026y", "password_again"),
        ("Ho.chihin1", "Ho.chihin1", "password"),
        ("Passw0rd", "Passw0rd", "password"),
    ],
)
def test_a_password_follows_the_guides_rule_and_is_typed_twice_S8_3_S8_4(
    visitor: Client, company: Cast, code: str, password: str, again: str, field: str
) -> None:
    visitor.post(START, typed(company.pending, code))
    page = visitor.post(CREDENTIALS, {**CHOSEN, "password": password, "password_again": again})
    assert list(page.context["form"].errors) == [field]
    assert password not in page.content.decode(), "a password is never sent back"


# --- the question for people ---


@pytest.mark.parametrize("answer", ["", "     ", "WRONG"])
def test_a_wrong_or_missing_answer_judges_nothing_else_A33(
    visitor: Client, company: Cast, code: str, answer: str
) -> None:
    page = visitor.post(START, typed(company.pending, "AAAAAAA2", human_1=answer))
    assert list(page.context["form"].errors) == ["human"]
    assert MISMATCH not in text_of(page)
    assert ActivationCode.objects.get().tries == 0


def test_an_answer_is_good_once_A32(visitor: Client, company: Cast, code: str) -> None:
    data = typed(company.pending, "AAAAAAA2")
    assert MISMATCH in text_of(visitor.post(START, data))
    assert list(visitor.post(START, data).context["form"].errors) == ["human"]
    assert ActivationCode.objects.get().tries == 1


def test_each_page_asks_a_new_question_and_does_not_tell_the_answer_A33(visitor: Client, db: None) -> None:
    keys, answers = set(), []
    for _visit in range(2):
        html = visitor.get(START).content.decode()
        key = re.findall(r'name="human_0" value="([^"]+)"', html)[0]
        keys.add(key)
        answers.append(Challenge.objects.get(key=key).task)
        assert answers[-1] not in html
    assert len(keys) == 2


@pytest.mark.parametrize("kind", ["picture", "sum"])
def test_asking_for_another_question_keeps_what_was_typed_and_judges_nothing_Q7(
    visitor: Client, company: Cast, code: str, kind: str
) -> None:
    data = typed(company.pending, "AAAAAAA2", birth_date="not a date", human_change=kind)
    page = visitor.post(START, data)
    form, html = page.context["form"], page.content.decode()
    assert not form.errors
    assert 'role="alert"' not in html
    for kept in (company.pending.document_number, "not a date", company.entity.number, "AAAAAAA2"):
        assert f'value="{kept}"' in html
    assert re.search(r'name="agree"[^>]*checked', html)
    assert ActivationCode.objects.get().tries == 0
    asked = Challenge.objects.get(key=re.findall(r'name="human_0" value="([^"]+)"', html)[0])
    assert asked.kind == kind
    assert asked.key != data["human_0"]
    assert visitor.get(CREDENTIALS).status_code == 302


def test_a_sum_can_be_answered_instead_of_the_picture_Q7(visitor: Client, company: Cast, code: str) -> None:
    question = Challenge.ask("sum")
    answer = str(sum(int(number) for number in question.task.split("+")))
    data = typed(company.pending, code, human_0=question.key, human_1=answer)
    assert visitor.post(START, data)["Location"] == CREDENTIALS


# --- what must not break ---


@pytest.mark.parametrize("field", ["document_number", "birth_date", "entity_number", "code", "human_0", "human_1"])
@pytest.mark.parametrize("value", ["\x00", "12\x0034", "\u202e1234", "x" * 5000])
def test_nonsense_in_any_field_is_a_clear_answer_A81_A84_A87(
    visitor: Client, company: Cast, code: str, field: str, value: str
) -> None:
    page = visitor.post(START, typed(company.pending, code, **{field: value}))
    assert page.status_code == 200
    assert page.context["form"].errors


def test_the_number_in_the_address_only_fills_in_A77_A81(visitor: Client, db: None) -> None:
    assert "<script>" not in visitor.get(START, {"entity": '"><script>alert(1)'}).content.decode().split("<form")[1]
    assert visitor.get(START, {"entity": "\x00"}).status_code == 400


# --- 手機短訊 ---


def test_the_button_sends_and_says_so_S9_8(company: Cast) -> None:
    client = enter(company.administrator)
    page = client.post(f"/staff/{company.pending.euid}/send-code/", follow=True)
    assert page.redirect_chain == [(f"/staff/{company.pending.euid}/", 302)]
    assert "on its way to +853 63** **58 by SMS" in text_of(page)
    assert SMS.objects.count() == 1
    code = re.findall(r"#code=(\w+)", SMS.objects.get().body)[0]
    assert code not in page.content.decode(), "nobody but the receiver sees it (Q42)"


def test_too_soon_says_how_long_to_wait_and_sends_nothing_Q15_A44(company: Cast) -> None:
    client = enter(company.administrator)
    client.post(f"/staff/{company.pending.euid}/send-code/")
    page = client.post(f"/staff/{company.pending.euid}/send-code/", follow=True)
    assert re.search(r"You can send another in \d+ seconds?\.", text_of(page))
    assert SMS.objects.count() == 1


def test_after_activation_the_button_is_gone_and_a_forged_post_sends_nothing_Q43(company: Cast) -> None:
    client = enter(company.administrator)
    address = f"/staff/{company.staff.euid}/send-code/"
    assert address not in client.get(f"/staff/{company.staff.euid}/").content.decode()
    assert "no code is needed" in text_of(client.post(address, follow=True))
    assert not SMS.objects.exists()


def test_a_code_sent_stands_on_the_persons_page_with_both_times_S9_9(company: Cast) -> None:
    client = enter(company.administrator)
    address = f"/staff/{company.pending.euid}/"
    before = text_of(client.get(address))
    assert "Not sent yet" in before
    client.post(f"{address}send-code/")
    after = text_of(client.get(address))
    assert "Not used, valid until" in after
    assert "Waiting to be sent" in after
    assert "Not activated yet" in after


def test_why_a_text_did_not_arrive_is_said_in_words(company: Cast) -> None:
    client = enter(company.administrator)
    client.post(f"/staff/{company.pending.euid}/send-code/")
    SMS.objects.update(status="sending", claimed_at=NOON)
    SMS.objects.update(status="failed", body="", finished_at=NOON, reason="not_mobile")
    assert "This number cannot receive SMS." in text_of(client.get(f"/staff/{company.pending.euid}/"))


def test_a_text_beyond_a_limit_says_which_at_once_A42(company: Cast, settings: Any) -> None:
    settings.SMS_PER_ENTITY_A_DAY = 0
    client = enter(company.administrator)
    page = text_of(client.post(f"/staff/{company.pending.euid}/send-code/", follow=True))
    assert "The activation code was not sent. No more texts can be sent for this entity today." in page
    assert "on its way" not in page


def test_the_link_in_a_text_comes_from_the_setting_whatever_the_request_says_A45(company: Cast, settings: Any) -> None:
    settings.PUBLIC_URL = "https://entidade.gov.mo"
    client, address = enter(company.administrator), f"/staff/{company.pending.euid}/send-code/"
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Forwarded-Proto": "http"}
    client.post(address, headers={"Host": "127.0.0.1", **forged})
    body = SMS.objects.get().body
    assert re.findall(r"\w+://[^/]+/", body) == ["https://entidade.gov.mo/"]
    assert client.post(address, headers={"Host": "evil.example"}).status_code == 400


def test_the_demonstration_phone_shows_what_a_number_received(company: Cast) -> None:
    PhoneText.objects.create(to="+85366123456", body="first 123456")
    PhoneText.objects.create(to="+85366000000", body="second https://example.mo/#code=AB2CD3EF")
    client = enter()
    assert "second" in text_of(client.get("/demo/phone/"))
    one = text_of(client.get("/demo/phone/", {"number": "+85366123456"}))
    assert "first" in one
    assert "second" not in one


def test_submit_and_send_makes_login_and_text_together_Q41(company: Cast) -> None:
    client = enter(company.administrator)
    data = {
        "name_foreign": "LEI MEI LENG",
        "document_type": "bir_permanent",
        "document_number": "50500505",
        "document_place": "MO",
        "mobile_0": "MO",
        "mobile_1": "66505505",
    }
    page = client.post("/staff/new/send/", data, follow=True)
    assert page.redirect_chain == [("/staff/", 302)]
    assert SMS.objects.get().to == "+85366505505"
    again = client.post("/staff/new/send/", {**data, "mobile_1": "66505506"})
    assert list(again.context["form"].errors) == ["document_number"]
    assert SMS.objects.count() == 1
    assert StaffLogin.objects.filter(of_document("50500505")).count() == 1


def test_two_people_of_one_entity_activate_without_meeting(company: Cast, code: str) -> None:
    second = login(entity=company.entity, status="pending", mobile="+85366000001")
    operations.send_code(login=second, by=company.administrator)
    theirs = re.findall(r"#code=(\w+)", SMS.objects.get(to=second.mobile).body)[0]
    one, two = enter(), enter()
    one.post(START, typed(company.pending, code))
    two.post(START, typed(second, theirs))
    one.post(CREDENTIALS, CHOSEN)
    two.post(CREDENTIALS, {**CHOSEN, "username": "second.one"})
    names = StaffLogin.objects.filter(pk__in=[company.pending.pk, second.pk]).order_by("pk")
    assert [each.username for each in names] == ["ho.chihin", "second.one"]
