"""Fields that several rooms ask for, and how every field is drawn."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Self

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from entity_portal import text
from entity_portal.phones import is_mobile
from entity_portal.places import telephone_choices
from entity_portal.templatetags import portal

LONGEST = 500  # of a line that has no limit of its own
OLDEST = 120  # years; nobody alive is older


class PortalBoundField(BoundField):
    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        """Widths come from the field (`width = "s"`), so that it looks alike on every page; so does who judges it."""
        attrs = super().build_widget_attrs(attrs, widget)
        if width := getattr(self.field, "width", ""):
            attrs["class"] = f"{(widget or self.field.widget).attrs.get('class', '')} w-{width}".strip()
        return attrs | getattr(self.field, "judged", {})


class PortalRenderer(TemplatesSetting):
    field_template_name = "components/field.html"
    bound_field_class = PortalBoundField


class Wanted(forms.Field):
    """A field that asks kindly for what is missing."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please enter this."),
        "max_length": _("Use at most %(limit_value)d characters."),
    }


class PlainField(Wanted, forms.CharField):
    """One line, without characters that nobody means to type; digits and letters in their ordinary form (NFKC)."""

    def __init__(self, *, width: str = "m", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        longest = self.max_length or LONGEST
        if len(value) > 4 * longest:  # before anything is done with it: NFKC can make it 18 times as long
            raise ValidationError(self.error_messages["max_length"], code="max_length", params={"limit_value": longest})
        if text.has_control_characters(value):
            raise ValidationError(_("Remove line breaks and hidden characters."), code="control")
        return self.tidy(value)

    def tidy(self, value: str) -> str:
        return text.plain(value)


class NameField(PlainField):
    """A person's name, every character kept as typed (normalising would change rare Chinese characters)."""

    def __init__(self, **kwargs: Any) -> None:
        # Never the reader's own: a browser that fills in theirs makes them somebody else.
        super().__init__(max_length=100, widget=forms.TextInput({"autocomplete": "off"}), **kwargs)

    def tidy(self, value: str) -> str:
        return " ".join(value.split())


class WordsField(Wanted, forms.CharField):
    """Some sentences of somebody's own; line breaks stay."""

    def __init__(self, *, max_length: int = 2000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, widget=forms.Textarea({"rows": 5}), **kwargs)

    def to_python(self, value: Any) -> str:
        lines = (super().to_python(value) or "").replace("\r\n", "\n").split("\n")
        if any(text.has_control_characters(line.replace("\t", " ")) for line in lines):
            raise ValidationError(_("Remove hidden characters."), code="control")
        return "\n".join(lines)


class NumberField(PlainField):
    """A number of a document or a code: symbols are dropped, letters become capitals (S5.7)."""

    def tidy(self, value: str) -> str:
        return text.alphanumeric(value)


class EntityNumberField(NumberField):
    """實體編號"""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "organization"}
        super().__init__(label=_("Entity number"), width="s", max_length=20, widget=forms.TextInput(attrs), **kwargs)


class BirthDateField(Wanted, forms.DateField):
    """出生日期 (年/月/日): 1990-01-01, 1990/01/01 or 19900101; not in the future.

    The reader's `own`, or somebody else's.
    """

    width = "s"
    USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

    def __init__(self, *, own: bool = True, **kwargs: Any) -> None:
        filled_in = "bday" if own else "off"
        super().__init__(
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"inputmode": "numeric", "autocomplete": filled_in}),
            error_messages={"invalid": _("Enter the date as year-month-day, for example 1990-01-01.")},
            **kwargs,
        )

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(text.plain(value) if isinstance(value, str) else value)
        today = timezone.localdate()
        if day and not (today.year - OLDEST <= day.year and day <= today):
            raise ValidationError(_("Enter a date of birth in the past."), code="range")
        return day

    def strptime(self, value: str, format: str) -> date:
        if self.USUAL.fullmatch(value):  # an import has thousands of them, and this is quicker
            return date.fromisoformat(value)
        return super().strptime(value, format)


class DayField(Wanted, forms.DateField):
    """A day, picked or typed as year-month-day."""

    width = "s"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}),
            error_messages={"invalid": _("Enter the date as year-month-day, for example 2027-01-31.")},
            **kwargs,
        )


class Narrowing(forms.Form):
    """What narrows a list, from an address; whatever is not understood narrows nothing."""

    @classmethod
    def understood(cls, asked: Mapping[str, Any]) -> Self:
        """The form with what can be used of `asked`; always valid."""
        form = cls(asked)
        form.is_valid()
        usable = cls({name: form.cleaned_data.get(name, "") for name in cls.base_fields})
        usable.is_valid()
        return usable


class LongSelect(forms.Select):
    """A list of hundreds of choices, the same for everybody: drawn once a language, not by a template a line.

    `source` gives the choices, (value, label) without groups, in the reader's language; they are the field's as well.
    """

    template_name = "components/long_select.html"

    def __init__(self, source: Callable[[], Sequence[tuple[str, str]]], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.source = source

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        return []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = "".join(context["widget"]["value"] or ())
        context["widget"]["lines"] = options(self.source, get_language(), chosen)
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        """As Django's, without going through all choices: there is one that means none."""
        return not self.source()[0][0]


@lru_cache(64)  # some 15 kB each
def options(source: Callable[[], Sequence[tuple[str, str]]], language: str | None, chosen: str) -> SafeString:
    """The options of a list, one of them chosen."""
    lines = [{"value": key, "attrs": {"selected": key == chosen}, "label": label} for key, label in source()]
    return portal.options([(None, lines, 0)])


class MobileWidget(forms.MultiWidget):
    template_name = "components/mobile.html"
    use_fieldset = False  # the number is the field; the country has a name of its own

    def __init__(self, *, own: bool = True) -> None:
        super().__init__(
            [
                LongSelect(telephone_choices, {"aria-label": _("Country or region code")}),
                forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel-national" if own else "off"}),
            ]
        )

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_1"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """A country is always chosen: to demand one is no valid HTML."""
        context = super().get_context(name, value, attrs)
        context["widget"]["subwidgets"][0]["attrs"].pop("required", None)
        return context

    def decompress(self, value: Any) -> list[str]:
        if not value:
            return ["MO", ""]
        number = phonenumbers.parse(str(value))
        return [phonenumbers.region_code_for_number(number) or "MO", phonenumbers.national_significant_number(number)]


class MobileField(Wanted, forms.MultiValueField):
    """流動電話號碼, +853 first (Q37). Cleans to E.164; only numbers that can receive a text are taken.

    The reader's `own`, or somebody else's.
    """

    def __init__(self, *, own: bool = True, **kwargs: Any) -> None:
        super().__init__(
            fields=(forms.ChoiceField(choices=telephone_choices), forms.CharField(max_length=20)),
            widget=MobileWidget(own=own),
            **kwargs,
        )
        self.widget.widgets[0].choices = telephone_choices

    def compress(self, data_list: list[str]) -> str:
        if not data_list or not data_list[1]:  # the country alone is no number
            return ""
        region, number = data_list
        wrong = ValidationError(_("Enter a mobile number that exists in this country or region."), code="mobile")
        if region == "MO":
            wrong = ValidationError(_("A mobile number of Macao has 8 digits and begins with 6."), code="mobile")
        try:
            parsed = phonenumbers.parse(text.plain(number), region)
        except phonenumbers.NumberParseException:
            raise wrong from None
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_valid_number_for_region(parsed, region) or not is_mobile(e164):
            raise wrong
        return e164


username_rule = RegexValidator(
    re.compile(r"\A[a-z0-9._-]{4,30}\Z"),
    _("Use 4 to 30 of the letters a to z, digits, dot, underscore and hyphen."),
    code="username",
)


class UsernameField(PlainField):
    """用戶名稱: unique inside the entity, whatever the case (Q16), so it is kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label=_("Username"), max_length=30, widget=forms.TextInput(attrs), **kwargs)

    def tidy(self, value: str) -> str:
        return text.plain(value).casefold()


class PasswordField(Wanted, forms.CharField):
    """A password as typed; up to 128 characters, any of them, spaces too.

    A button shows it, and then it is text: a browser must neither correct it nor send it to a speller. It has no
    `maxlength`: that counts in UTF-16, and what is pasted is cut without a word.
    """

    width = "m"
    parts: Sequence[Any] = ()  # of the rule, each with a `pattern` and `words`; told while a new password is typed
    advice: Any = ""

    def __init__(self, *, label: Any, autocomplete: str, **kwargs: Any) -> None:
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label=label, strip=False, max_length=128, widget=forms.PasswordInput(attrs), **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs
