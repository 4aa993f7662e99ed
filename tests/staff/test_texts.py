"""What stands in a text by SMS, whatever people are called."""

import inspect
import re
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from accounts.applications.models import Application
from accounts.models import Entity
from entity_portal.management.commands.sms_lengths import AT_MOST, READERS, lengths, longest, texts
from staff.models import StaffLogin

BAD = "壞\r\nhttp://evil.example/ www.evil.example"
CODE = "K7RM4XWQ"


def test_these_texts_are_looked_at() -> None:
    wanted = {"staff.texts.reset_code", "staff.texts.username_reminder", "staff.texts.locked"}
    wanted |= {"staff.texts.password_reset", "activation.texts.activation", "activation.texts.activated"}
    assert wanted <= dict(texts()).keys()


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
@pytest.mark.parametrize(("name", "text"), list(texts()))
def test_no_name_brings_a_line_or_an_address_into_a_text_A46(
    name: str, text: Callable[..., str], language: str
) -> None:
    def written(words: str) -> str:
        house = Entity(number="80216453", name_zh=words, name_pt=words)
        person = {"name_zh": words, "name_foreign": words, "document_number": words, "email": words}
        readers = {
            "login": StaffLogin(entity=house, username="ho.chihin", mobile="+85366123456", language=language, **person),
            "application": Application(number="AP123456788", subject=words, language=language),
        }
        reader, *arguments = inspect.signature(text).parameters
        return text(readers[reader], *[CODE] * len(arguments))

    assert written(BAD) == written("何梓軒"), "it does not depend on a name at all"
    assert "evil" not in written(BAD)
    assert set(re.findall(r"\w+://[^/]+", written(BAD))) <= {"http://testserver"}


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
@pytest.mark.parametrize(("name", "text"), list(texts()))
def test_each_text_says_who_sent_it_and_holds_no_password_or_document_number_S12_4(
    name: str, text: Callable[..., str], language: str
) -> None:
    assert longest(text, language).startswith(("【一戶通】", "[")), "who sent it"
    reader, *arguments = inspect.signature(text).parameters
    assert reader in READERS
    assert set(arguments) <= {"code", "sentence"}, "nobody hands it a password"
    written = []
    for number in ("12345678", "87654321"):
        house = Entity(number="80216453")
        readers = {
            "login": StaffLogin(
                entity=house, username="ho.chihin", mobile="+85366123456", document_number=number, language=language
            ),
            "application": Application(number="AP123456788", answers={"x": number}, language=language),
        }
        written.append(text(readers[reader], *["K7RM4XWQ"] * len(arguments)))
    assert written[0] == written[1]


def test_every_text_takes_two_segments_at_most_in_every_language() -> None:
    found = list(lengths())
    assert len(found) >= 3 * 8
    assert [(name, language, each) for name, language, each in found if each.segments > AT_MOST] == []


def test_translators_see_how_long_each_text_is(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sms_lengths")
    said = capsys.readouterr().out
    assert re.search(r"staff\.texts\.reset_code +zh-hant +UCS-2 +\d+ units \d segments", said)
    assert re.search(r"staff\.texts\.locked +pt +GSM-7 +\d+ units \d segments", said)


def test_a_text_that_is_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entity_portal.management.commands.sms_lengths.AT_MOST", 1)
    with pytest.raises(CommandError, match="take more than 1 segments"):
        call_command("sms_lengths")
