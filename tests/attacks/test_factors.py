"""The second step: one code once, no page before it, no way around it (A126 to A128, ASVS 6.4.3, 6.5.1)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Entity, SecondFactor
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS, Purpose
from staff import operations, queries
from staff.models import RecoveryCode, RecoverySheet, ResetCode, StaffLogin
from tests.cast import PASSWORD, Cast, enter, promote, prove
from tests.pages import text_of
from tests.purging import purge_tables
from tests.race import at_once

LOGIN, VERIFY, SECURITY = "/login/", "/login/verify/", "/account/security/"
BEHIND = (
    "/account/",
    "/account/security/",
    "/account/password/",
    "/account/session/",
    "/staff/",
    "/entity/",
    "/services/",
)


def code_of(device: TOTPDevice, ahead: int = 0) -> str:
    """What the application shows now, or `ahead` half minutes later."""
    return f"{totp(device.bin_key, t0=-30 * ahead):06d}"


def with_app(person: StaffLogin) -> tuple[TOTPDevice, list[str]]:
    """An application that is set up, and its recovery codes."""
    device = TOTPDevice.objects.create(user=person, name="app", confirmed=True)
    return device, RecoverySheet.write(person)


def knock(house: Cast, person: StaffLogin, client: Client | None = None, following: str = "") -> tuple[Client, Any]:
    client = client or enter()
    data = {"entity_number": house.entity.number, "username": person.username, "password": PASSWORD}
    return client, client.post(LOGIN, data | {"next": following})


def inside(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def sms_code() -> str:
    return re.findall(r"\d{6}", SMS.objects.filter(purpose=Purpose.SIGN_IN).latest("created_at").body)[0]


def demand(house: Cast, of: str) -> None:
    Entity.objects.filter(pk=house.entity.pk).update(second_factor=of)


# --- the step ---


def test_the_password_alone_opens_nothing_where_an_app_is_set_up_A128(company: Cast) -> None:
    with_app(company.administrator)
    client, answer = knock(company, company.administrator)
    assert answer.headers["Location"] == VERIFY
    for address in BEHIND:
        assert client.get(address).headers["Location"].startswith("/login/?next="), address
        assert client.post(address).headers["Location"].startswith("/login/?next="), address
    assert "Log in" in text_of(client.get("/")), "the home page takes them for a stranger"


def test_the_code_of_the_app_lets_in_to_where_one_wanted_to_be(company: Cast) -> None:
    device, _recovery = with_app(company.staff)
    client, _answer = knock(company, company.staff, following="/account/password/")
    answer = client.post(VERIFY, {"code": code_of(device)})
    assert answer.headers["Location"] == "/account/password/"
    assert inside(client)
    assert client.session["methods"] == ["pwd", "otp", "mfa"]
    signed_in = Event.objects.get(action="door.signed_in", target=company.staff.euid)
    assert signed_in.data["methods"] == ["pwd", "otp", "mfa"]


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "1234567", "abcdef", "٠٠٠٠٠٠", "x" * 5000, "\x00"])
def test_a_wrong_code_is_an_error_beside_its_field_and_lets_nobody_in(company: Cast, wrong: str) -> None:
    device, _recovery = with_app(company.staff)
    wrong = wrong if wrong != code_of(device) else "000001"
    client, _answer = knock(company, company.staff)
    page = client.post(VERIFY, {"code": wrong})
    assert page.status_code == 200
    assert page.context["form"].errors["code"]
    assert not inside(client)


def test_one_code_is_taken_once_A127(company: Cast) -> None:
    device, _recovery = with_app(company.staff)
    code = code_of(device)
    first, _answer = knock(company, company.staff)
    second, _answer = knock(company, company.staff)
    first.post(VERIFY, {"code": code})
    second.post(VERIFY, {"code": code})
    assert (inside(first), inside(second)) == (True, False)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_code_fifty_times_at_once_is_taken_once_A127(company: Cast) -> None:
    device, _recovery = with_app(company.staff)
    code = code_of(device)
    answers = at_once(
        50, lambda _n: operations.verify(login=company.staff, device=queries.app_of(company.staff), token=code)
    )
    assert answers.count(True) == 1
    assert answers.count(False) == 49


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_and_a_code_by_sms_fifty_times_at_once_are_taken_once_A127(company: Cast) -> None:
    _device, recovery = with_app(company.staff)
    sheet = RecoverySheet.objects.get(user=company.staff)
    answers = at_once(50, lambda _n: operations.verify(login=company.staff, device=sheet, token=recovery[0]))
    assert answers.count(True) == 1
    operations.send_sign_in_code(login=company.staff)
    code, phone = sms_code(), company.staff.mobilephone_set.get()
    answers = at_once(50, lambda _n: operations.verify(login=company.staff, device=phone, token=code))
    assert answers.count(True) == 1


def test_guessing_is_slowed_down_twice_as_much_each_time_A126(company: Cast, time_machine: Any) -> None:
    device, _recovery = with_app(company.staff)
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client, _answer = knock(company, company.staff)
    client.post(VERIFY, {"code": "000000"})
    page = client.post(VERIFY, {"code": code_of(device)})
    assert "Enter a new one after" in text_of(page), "not looked at, right or wrong"
    for failures in range(1, 8):
        time_machine.shift(timedelta(seconds=2 ** (failures - 1)) + timedelta(milliseconds=10))
        assert "is wrong or was used" in text_of(client.post(VERIFY, {"code": "000000"}))
    time_machine.shift(timedelta(seconds=120))
    assert "Enter a new one after" in text_of(client.post(VERIFY, {"code": code_of(device)}))


def test_a_departed_or_changed_login_does_not_go_on_from_the_step_A68_A69(company: Cast) -> None:
    device, _recovery = with_app(company.staff)
    client, _answer = knock(company, company.staff)
    person = StaffLogin.objects.get(pk=company.staff.pk)
    person.set_password("Another2026x")
    person.save()
    assert client.post(VERIFY, {"code": code_of(device)}).headers["Location"] == LOGIN
    knock_again = enter().post(
        LOGIN, {"entity_number": company.entity.number, "username": person.username, "password": "Another2026x"}
    )
    assert knock_again.headers["Location"] == VERIFY
    operations.depart(login=person, by=company.administrator)
    assert not inside(client)


def test_the_step_is_open_for_ten_minutes(company: Cast, time_machine: Any) -> None:
    device, _recovery = with_app(company.staff)
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client, _answer = knock(company, company.staff)
    time_machine.move_to(now + timedelta(minutes=10) - timedelta(seconds=1), tick=False)
    assert client.get(VERIFY).status_code == 200
    time_machine.move_to(now + timedelta(minutes=10), tick=False)
    page = client.post(VERIFY, {"code": code_of(device)}, follow=True)
    assert page.redirect_chain == [(LOGIN, 302)]
    assert "Please begin again." in text_of(page)
    assert not inside(client)


@pytest.mark.parametrize("address", ["/login/app/", "/login/password/", "/login/terms/"])
def test_a_later_step_leads_back_to_the_present_one(company: Cast, address: str) -> None:
    with_app(company.staff)
    client, _answer = knock(company, company.staff)
    for answer in (client.get(address), client.post(address, {"agree": "on", "code": "1"})):
        assert answer.headers["Location"] == VERIFY


def test_the_code_of_somebody_else_does_not_fit(company: Cast) -> None:
    with_app(company.staff)
    device, recovery = with_app(company.administrator)
    client, _answer = knock(company, company.staff)
    client.post(VERIFY, {"code": code_of(device)})
    client.post(VERIFY, {"code": recovery[0], "by": "recovery"})
    assert not inside(client)


# --- SMS and recovery codes ---


def test_a_recovery_code_stands_in_once_and_the_person_is_told(company: Cast) -> None:
    _device, recovery = with_app(company.staff)
    client, _answer = knock(company, company.staff)
    page = client.get(f"{VERIFY}?by=recovery")
    assert "Each works once." in text_of(page)
    client.post(VERIFY, {"code": f"{recovery[3][:5]}-{recovery[3][5:]}".lower(), "by": "recovery"})
    assert inside(client)
    assert SMS.objects.filter(purpose=Purpose.SECOND_FACTOR).count() == 1
    again, _answer = knock(company, company.staff)
    again.post(VERIFY, {"code": recovery[3], "by": "recovery"})
    assert not inside(again)
    assert "9 codes left" in text_of(client.get(SECURITY))


def test_recovery_codes_are_kept_as_digests_only_ASVS_6_5_2(company: Cast) -> None:
    _device, recovery = with_app(company.staff)
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(set(recovery)) == 10
    assert not [code for code in recovery if code in kept]


def test_a_code_by_sms_stands_in_where_the_app_is_not_at_hand(company: Cast) -> None:
    with_app(company.staff)
    client, _answer = knock(company, company.staff)
    assert not SMS.objects.filter(purpose=Purpose.SIGN_IN).exists(), "sent when asked for"
    page = client.post("/login/verify/sms/", follow=True)
    assert company.staff.masked_mobile in text_of(page)
    client.post(VERIFY, {"code": sms_code(), "by": "sms"})
    assert inside(client)
    assert client.session["methods"] == ["pwd", "sms", "mfa"]


def test_a_telephone_that_has_reset_the_password_is_no_second_proof_until_the_app_was_used_ASVS_6_4_3(
    company: Cast, time_machine: Any
) -> None:
    device, _recovery = with_app(company.staff)
    now = timezone.now() + timedelta(minutes=1)
    time_machine.move_to(now, tick=False)
    ResetCode.objects.create(login=company.staff, digest="x", expires_at=now, used_at=now)
    time_machine.move_to(now + timedelta(days=9), tick=False)
    client, _answer = knock(company, company.staff)
    assert "Send a code by SMS" not in text_of(client.get(VERIFY))
    page = client.post("/login/verify/sms/", follow=True)
    assert "is not accepted for this login now" in text_of(page)
    assert not SMS.objects.filter(purpose=Purpose.SIGN_IN).exists()
    assert page.context["by"] == "app"
    client.post(VERIFY, {"code": code_of(device)})
    assert inside(client)
    client, _answer = knock(company, company.staff)
    client.post("/login/verify/sms/")
    assert SMS.objects.filter(purpose=Purpose.SIGN_IN).exists()


def test_five_wrong_codes_by_sms_end_the_day_and_a_right_one_begins_anew_A37(company: Cast, time_machine: Any) -> None:
    demand(company, SecondFactor.ALL)
    noon = timezone.localtime().replace(hour=12)
    time_machine.move_to(noon)
    client, _answer = knock(company, company.staff)
    for _try in range(4):
        client.post(VERIFY, {"code": "000000x"})
    client.post(VERIFY, {"code": sms_code()})
    assert inside(client), "the fifth try was right"
    for minute in range(2, 8):  # six more times in a day: right codes cost nothing
        time_machine.move_to(noon + timedelta(minutes=10 * minute))
        client, _answer = knock(company, company.staff)
        client.post(VERIFY, {"code": sms_code()})
        assert inside(client)
    time_machine.move_to(noon + timedelta(hours=3))
    client, _answer = knock(company, company.staff)
    for _try in range(5):
        client.post(VERIFY, {"code": "000000x"})
    client.post(VERIFY, {"code": sms_code()})
    assert not inside(client)
    time_machine.move_to(noon + timedelta(hours=3, minutes=2))
    page = client.post("/login/verify/sms/", follow=True)
    assert "No more codes can be sent to you today." in text_of(page)


def test_one_code_by_sms_a_minute(company: Cast) -> None:
    demand(company, SecondFactor.ALL)
    client, _answer = knock(company, company.staff)
    page = client.post("/login/verify/sms/", follow=True)
    assert "less than a minute ago" in text_of(page)
    assert SMS.objects.filter(purpose=Purpose.SIGN_IN).count() == 1


# --- who must ---


@pytest.mark.parametrize(
    ("of", "administrator", "staff"),
    [("nobody", False, False), ("administrators", True, False), ("all", True, True)],
)
def test_an_entity_demands_a_code_of_nobody_of_administrators_or_of_all(
    company: Cast, of: str, administrator: bool, staff: bool
) -> None:
    demand(company, of)
    for person, asked in ((company.administrator, administrator), (company.staff, staff)):
        _client, answer = knock(company, person)
        assert (answer.headers["Location"] == VERIFY) is asked


def test_an_officer_sets_an_app_up_before_going_in_and_the_first_proof_is_the_telephone_A128(company: Cast) -> None:
    promote(company.staff)
    client, answer = knock(company, company.staff)
    assert answer.headers["Location"] == VERIFY
    assert client.get("/login/app/").headers["Location"] == VERIFY, "a password alone reaches no key"
    answer = client.post(VERIFY, {"code": sms_code()})
    assert answer.headers["Location"] == "/login/app/"
    assert not inside(client)
    begun = TOTPDevice.objects.get(user=company.staff)
    assert "otpauth://totp/" in client.get("/login/app/").content.decode()
    page = client.post("/login/app/", {"code": code_of(begun)}, follow=True)
    assert page.redirect_chain[-1] == ("/account/security/recovery-codes/", 302)
    assert len(re.findall(r"[A-Z2-9]{5}-[A-Z2-9]{5}", text_of(page))) == 10
    assert inside(client)
    user = client.get("/account/").context["user"]
    assert user.is_verified(), "Django admin's OTPAdminSite asks this"


def test_an_officers_second_step_is_never_the_telephone_once_there_is_an_app(company: Cast) -> None:
    promote(company.staff)
    device, _recovery = with_app(company.staff)
    client, _answer = knock(company, company.staff)
    client.post("/login/verify/sms/")
    assert not SMS.objects.filter(purpose=Purpose.SIGN_IN).exists()
    client.post(VERIFY, {"code": code_of(device)})
    assert inside(client)
    page = client.post("/account/security/app/remove/", {"code": code_of(device, ahead=1)})
    assert "Officers need an authenticator app." in text_of(page)
    assert queries.app_of(company.staff)


def test_the_rule_is_changed_by_administrators_after_the_password_and_is_written_down(company: Cast) -> None:
    client = enter(company.administrator)
    page = client.post("/entity/security/", {"of": "all"}, follow=True)
    assert page.redirect_chain == [("/entity/", 302)]
    assert "Everyone in the entity" in text_of(page)
    changed = Event.objects.get(action="entity.second_factor")
    assert (changed.actor, changed.data) == (company.administrator.euid, {"was": "nobody", "now": "all"})
    assert client.post("/entity/security/", {"of": "everybody"}).context["form"].errors["of"]
    assert enter(company.staff).post("/entity/security/", {"of": "nobody"}).status_code == 404
    assert Entity.objects.get(pk=company.entity.pk).second_factor == "all"


def test_nobody_but_an_active_administrator_changes_the_rule_by_the_operation(company: Cast, other: Cast) -> None:
    for stranger in (company.staff, company.departed, other.administrator):
        with pytest.raises(operations.NotAdministrator):
            operations.demand_second_factor(entity=company.entity, by=stranger, of=SecondFactor.ALL)


def test_the_database_knows_no_other_rule_and_no_second_app(company: Cast) -> None:
    with pytest.raises(IntegrityError, match="accounts_entity_second_factor_known"), transaction.atomic():
        demand(company, "sometimes")
    with_app(company.staff)
    with pytest.raises(IntegrityError, match="staff_one_app_per_login"), transaction.atomic():
        TOTPDevice.objects.create(user=company.staff, name="app", confirmed=True)


# --- setting up, replacing, turning off ---


def set_up(client: Client) -> list[str]:
    client.post("/account/security/app/begin/")
    begun = TOTPDevice.objects.get(confirmed=False)
    page = client.post("/account/security/app/", {"code": code_of(begun)}, follow=True)
    return re.findall(r"[A-Z2-9]{5}-[A-Z2-9]{5}", text_of(page))


def test_an_app_is_set_up_with_its_first_code_and_the_recovery_codes_are_shown_until_they_are_kept(
    company: Cast,
) -> None:
    client = enter(company.staff)
    assert "Off" in text_of(client.get(SECURITY))
    recovery = set_up(client)
    assert len(recovery) == 10
    shown = client.get("/account/security/recovery-codes/")
    assert len(re.findall(r"[A-Z2-9]{5}-[A-Z2-9]{5}", text_of(shown))) == 10, "a reload does not lose them"
    client.post("/account/security/recovery-codes/")
    page = client.get("/account/security/recovery-codes/", follow=True)
    assert page.redirect_chain == [(SECURITY, 302)]
    assert "The codes are no longer shown." in text_of(page)
    assert "10 codes left" in text_of(client.get(SECURITY))
    assert SMS.objects.filter(purpose=Purpose.SECOND_FACTOR).count() == 1
    assert Event.objects.filter(action="door.factor_set_up", target=company.staff.euid).count() == 1
    _client, answer = knock(company, company.staff)
    assert answer.headers["Location"] == VERIFY


def test_a_wrong_first_code_sets_nothing_up(company: Cast) -> None:
    client = enter(company.staff)
    client.post("/account/security/app/begin/")
    page = client.post("/account/security/app/", {"code": "000000"})
    assert page.context["form"].errors["code"]
    assert queries.app_of(company.staff) is None
    _client, answer = knock(company, company.staff)
    assert answer.headers["Location"] == "/"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_app_confirmed_fifty_times_at_once_is_set_up_once(company: Cast) -> None:
    """With three codes that all fit: a second click must not take away what the first has set up."""
    begun = operations.begin_app(login=company.staff)
    codes = [code_of(begun, ahead) for ahead in (-1, 0, 1)]

    def confirm(number: int) -> list[str] | None:
        login = StaffLogin.objects.get(pk=company.staff.pk)
        return operations.confirm_app(login=login, begun=begun, replaces=None, token=codes[number % 3])

    answers = at_once(50, confirm)
    assert len([answer for answer in answers if isinstance(answer, list)]) == 1
    assert TOTPDevice.objects.filter(user=company.staff, confirmed=True).count() == 1
    assert RecoveryCode.objects.count() == 10


def test_an_app_set_up_elsewhere_meanwhile_is_not_replaced_unproved(company: Cast) -> None:
    begun = operations.begin_app(login=company.staff)
    code = code_of(begun)
    device, _recovery = with_app(company.staff)
    assert operations.confirm_app(login=company.staff, begun=begun, replaces=None, token=code) is None
    assert queries.app_of(company.staff) == device


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_using_and_renewing_recovery_codes_at_once_do_not_block_each_other(company: Cast) -> None:
    _device, recovery = with_app(company.staff)
    sheet = RecoverySheet.objects.get(user=company.staff)

    def act(number: int) -> Any:
        if number % 2:
            return operations.new_recovery_codes(login=StaffLogin.objects.get(pk=company.staff.pk))
        return operations.verify(login=company.staff, device=sheet, token=recovery[number % 10])

    assert not [answer for answer in at_once(50, act) if isinstance(answer, Exception)]


def test_the_key_that_one_session_began_is_seen_and_finished_by_no_other(company: Cast, time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    device, _recovery = with_app(company.staff)
    mine, theirs = enter(company.staff), enter(company.staff)
    mine.post("/account/security/app/replace/", {"code": code_of(device)})
    begun = TOTPDevice.objects.get(confirmed=False)
    assert theirs.get("/account/security/app/").headers["Location"] == SECURITY
    theirs.post("/account/security/app/", {"code": code_of(begun)})
    assert queries.app_of(company.staff) == device
    assert mine.get("/account/security/app/").status_code == 200
    time_machine.move_to(now + timedelta(minutes=14), tick=False)
    assert mine.get("/account/security/app/").status_code == 200
    time_machine.move_to(now + timedelta(minutes=15), tick=False)
    prove(mine)
    assert mine.get("/account/security/app/").headers["Location"] == SECURITY, "for a quarter of an hour"
    time_machine.move_to(now, tick=False)
    TOTPDevice.objects.filter(confirmed=False).update(created_at=now - timedelta(hours=2))
    purge_tables("otp_totp_totpdevice")
    assert not TOTPDevice.objects.filter(confirmed=False).exists()


def test_an_officer_who_has_set_an_app_up_elsewhere_begins_again(company: Cast) -> None:
    promote(company.staff)
    client, _answer = knock(company, company.staff)
    client.post(VERIFY, {"code": sms_code()})
    begun = TOTPDevice.objects.get(user=company.staff)
    device, _recovery = with_app(company.staff)
    assert client.get("/login/app/").headers["Location"] == LOGIN
    client.post("/login/app/", {"code": code_of(begun)})
    assert queries.app_of(company.staff) == device
    assert not inside(client)


def test_recovery_codes_are_shown_to_whom_they_belong(company: Cast) -> None:
    client = enter(company.staff)
    client.post("/account/security/app/begin/")
    client.post("/account/security/app/", {"code": code_of(TOTPDevice.objects.get())})
    session = client.session
    session["recovery_codes"]["login"] = company.administrator.pk
    session.save()
    assert client.get("/account/security/recovery-codes/").headers["Location"] == SECURITY


def test_becoming_an_officer_ends_sessions_that_proved_less(company: Cast) -> None:
    client, _answer = knock(company, company.staff)
    assert inside(client)
    promote(company.staff)
    assert not inside(client)


def test_the_authority_takes_a_lost_app_away_and_the_person_is_told_ASVS_6_4_4(
    company: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with_app(company.staff)
    call_command("remove_second_factor", company.staff.euid)
    assert queries.app_of(company.staff) is None
    assert SMS.objects.filter(purpose=Purpose.SECOND_FACTOR).count() == 1
    assert Event.objects.get(action="door.factor_removed").actor == ""
    for euid in (company.staff.euid, "CU0000000000"):
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("remove_second_factor", euid)


@pytest.mark.parametrize("by", ["app", "recovery"])
@pytest.mark.parametrize("what", ["replace", "remove"])
def test_replacing_and_turning_off_take_the_password_and_the_old_factor(company: Cast, what: str, by: str) -> None:
    device, recovery = with_app(company.staff)
    client = enter(company.staff)
    address = f"/account/security/app/{what}/"
    unproven = Client()
    unproven.force_login(company.staff)
    assert unproven.get(address).headers["Location"].startswith("/account/confirm/?next=")
    for wrong in ("000000", "ABCDEFGHJK", ""):
        assert client.post(address, {"code": wrong}).status_code == 200
        TOTPDevice.objects.update(throttling_failure_timestamp=None)
        RecoverySheet.objects.update(throttling_failure_timestamp=None)
    assert not TOTPDevice.objects.filter(confirmed=False).exists()
    answer = client.post(address, {"code": code_of(device) if by == "app" else recovery[0]})
    if what == "remove":
        assert answer.headers["Location"] == SECURITY
        assert queries.app_of(company.staff) is None
        assert queries.sheet_of(company.staff) is None
        return
    assert answer.headers["Location"] == "/account/security/app/"
    assert queries.app_of(company.staff) == device, "the old one works until the new one has proved itself"
    begun = TOTPDevice.objects.get(confirmed=False)
    client.post("/account/security/app/", {"code": code_of(begun)})
    assert queries.app_of(company.staff) == begun


def test_beginning_anew_does_not_go_round_the_old_app(company: Cast) -> None:
    with_app(company.staff)
    client = enter(company.staff)
    assert client.post("/account/security/app/begin/").headers["Location"] == "/account/security/app/replace/"
    assert client.get("/account/security/app/").headers["Location"] == SECURITY
    assert not TOTPDevice.objects.filter(confirmed=False).exists()


def test_new_recovery_codes_end_the_old_ones(company: Cast) -> None:
    device, old = with_app(company.staff)
    client = enter(company.staff)
    page = client.post("/account/security/recovery-codes/new/", {"code": code_of(device)}, follow=True)
    new = re.findall(r"[A-Z2-9]{5}-[A-Z2-9]{5}", text_of(page))
    assert len(new) == 10
    assert not {code.replace("-", "") for code in new} & set(old)
    assert not operations.verify(login=company.staff, device=queries.sheet_of(company.staff), token=old[0])
    RecoverySheet.objects.update(throttling_failure_timestamp=None)
    assert operations.verify(login=company.staff, device=queries.sheet_of(company.staff), token=new[0])


def test_no_code_of_ours_is_looked_at_past_django_otp() -> None:
    """`device.verify_token()` alone takes one code as often as it comes at once."""
    from pathlib import Path

    from django.conf import settings

    room = Path(settings.BASE_DIR) / "staff"
    calls = [line for path in room.rglob("*.py") for line in path.read_text().splitlines() if "verify_token(" in line]
    assert calls
    assert all("django_otp.verify_token(" in line or "def verify_token(" in line for line in calls), calls


def test_a_device_that_is_gone_does_not_verify_a_session_any_more(company: Cast) -> None:
    device, _recovery = with_app(company.staff)
    client, _answer = knock(company, company.staff)
    client.post(VERIFY, {"code": code_of(device)})
    assert client.get("/account/").context["user"].is_verified()
    device.delete()
    assert not client.get("/account/").context["user"].is_verified()


def test_recovery_codes_are_shown_for_ten_minutes_at_most(company: Cast, time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = enter(company.staff)
    set_up(client)
    time_machine.move_to(now + timedelta(minutes=10) - timedelta(seconds=1), tick=False)
    assert client.get("/account/security/recovery-codes/").status_code == 200
    time_machine.move_to(now + timedelta(minutes=10), tick=False)
    assert client.get("/account/security/recovery-codes/").headers["Location"] == SECURITY


def test_the_step_says_what_is_true_of_codes_by_sms(company: Cast, time_machine: Any) -> None:
    demand(company, SecondFactor.ALL)
    noon = timezone.localtime().replace(hour=12, minute=0, second=0)
    time_machine.move_to(noon, tick=False)
    client, _answer = knock(company, company.staff)
    assert "sent by SMS to +853 66** **56 at 12:00" in text_of(client.get(VERIFY))
    for _try in range(3):
        page = client.post(VERIFY, {"code": "000000x"})
    assert "2 tries are left today." in text_of(page)
    time_machine.move_to(noon + timedelta(minutes=9), tick=False)
    for _try in range(2):
        client.post(VERIFY, {"code": "000000x"})
    client, _answer = knock(company, company.staff)
    page = client.get(VERIFY)
    assert "No tries are left today. Try again after midnight." in text_of(page)
    assert "sent by SMS" not in text_of(page)
    assert 'name="code"' not in page.content.decode(), "nothing to fill in that cannot be right"


def test_where_no_code_is_on_its_way_the_step_does_not_say_so(company: Cast, settings: Any) -> None:
    demand(company, SecondFactor.ALL)
    settings.SMS_A_DAY = 0
    client, _answer = knock(company, company.staff)
    page = client.get(VERIFY)
    assert "No code is on its way to you now." in text_of(page)
    assert "No more codes can be sent to you today." in text_of(client.post("/login/verify/sms/", follow=True))


def test_what_was_begun_anew_while_its_code_was_looked_at_takes_nothing_away(
    company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, _recovery = with_app(company.staff)
    begun = operations.begin_app(login=company.staff)

    def meanwhile(*_: Any) -> TOTPDevice:
        operations.begin_app(login=company.staff)
        return begun

    monkeypatch.setattr("django_otp.verify_token", meanwhile)
    assert operations.confirm_app(login=company.staff, begun=begun, replaces=device.pk, token="1") is None
    assert queries.app_of(company.staff) == device


def test_the_field_names_what_stands_above_and_beside_it_WCAG_1_3_1(company: Cast) -> None:
    with_app(company.staff)
    client, _answer = knock(company, company.staff)
    assert 'aria-describedby="how"' in client.get(VERIFY).content.decode()
    wrong = client.post(VERIFY, {"code": "000000", "by": "recovery"}).content.decode()
    assert 'aria-describedby="how id_code_helptext id_code_error"' in wrong
