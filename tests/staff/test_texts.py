"""What stands in a text by SMS, whatever people are called."""

import inspect
import re
from collections.abc import Callable, Iterator

import pytest

import activation.texts
import staff.texts
from accounts.models import Entity
from staff.models import StaffLogin

BAD = "壞\r\nhttp://evil.example/ www.evil.example"
CODE = "K7RM4XWQ"


def texts() -> Iterator[tuple[str, Callable[..., str]]]:
    """Every text to a login, by name."""
    for room in (staff.texts, activation.texts):
        for name, text in vars(room).items():
            if inspect.isfunction(text) and "login" in inspect.signature(text).parameters:
                yield f"{room.__name__}.{name}", text


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
        to = StaffLogin(entity=house, username="ho.chihin", mobile="+85366123456", language=language, **person)
        return text(to, *[CODE] * (len(inspect.signature(text).parameters) - 1))

    assert written(BAD) == written("何梓軒"), "it does not depend on a name at all"
    assert "evil" not in written(BAD)
    assert set(re.findall(r"\w+://[^/]+", written(BAD))) <= {"http://testserver"}
