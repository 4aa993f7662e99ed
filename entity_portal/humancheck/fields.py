"""`HumanCheckField`: the one name under which forms ask whether a person sits there."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from entity_portal import text
from entity_portal.humancheck.models import Challenge, Kind


def browser_of(request: HttpRequest) -> str:
    """What tells browsers apart: a digest of the secret that guards their forms, theirs from the first page on."""
    get_token(request)
    return salted_hmac("entity_portal.humancheck", request.META["CSRF_COOKIE"]).hexdigest()[:40]


def described(challenge: Challenge) -> dict[str, str]:
    """What a page needs to ask the question."""

    def address(kind: Kind, name: str) -> str:
        return reverse(name, args=[challenge.key]) if challenge.kind == kind else ""

    return {
        "key": challenge.key,
        "kind": challenge.kind,
        "image_url": address(Kind.PICTURE, "humancheck:picture"),
        "audio_url": address(Kind.AUDIO, "humancheck:sound"),
        "question": challenge.question,
    }


class HumanCheckWidget(forms.Widget):
    """The question with its answer field, and buttons for another question that work without JavaScript.

    Posts `<name>_0` (key), `<name>_1` (answer) and, from one of the buttons, `<name>_change` (kind of the next).
    """

    template_name = "components/human_check.html"
    next_kind = Kind.PICTURE
    browser = ""

    def id_for_label(self, id_: str) -> str:
        return id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"] |= described(
            Challenge.ask(self.next_kind, self.browser)
        )  # always a new one: the last is used up
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[str, str, str]:
        key, answer, change = (str(data.get(f"{name}_{part}", "")) for part in ("0", "1", "change"))
        if change in Kind.values:
            self.next_kind = Kind(change)
        return key[:40], answer[:20], change

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}_1" not in data


class HumanCheckField(forms.Field):
    widget = HumanCheckWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Enter the letters shown in the picture"), **kwargs)

    def clean(self, value: tuple[str, str, str]) -> None:
        key, answer, change = value
        if change:
            return
        if not answer.strip():
            raise ValidationError(_("Answer the question that shows you are a person."), code="required")
        if "\x00" in key + answer or not Challenge.answer(key, text.alphanumeric(answer), self.widget.browser):
            raise ValidationError(_("That was not right, or its time was over. Here is a new one."), code="wrong")


class AsksHuman(forms.Form):
    """A form with a `human` field. Asking for another question is not an attempt: nothing is judged, all is kept."""

    human = HumanCheckField()

    def __init__(self, *args: Any, browser: str = "", **kwargs: Any) -> None:
        """`browser` is what `browser_of` says of the request."""
        super().__init__(*args, **kwargs)
        self.fields["human"].widget.browser = browser

    @property
    def wants_another_question(self) -> bool:
        return self.is_bound and bool(self.data.get(f"{self.add_prefix('human')}_change"))

    def full_clean(self) -> None:
        if self.wants_another_question:
            self._errors = ErrorDict()
            self.cleaned_data = {}
            self["human"].value()  # tells the widget which kind comes next
        else:
            super().full_clean()

    def is_valid(self) -> bool:
        return super().is_valid() and not self.wants_another_question
