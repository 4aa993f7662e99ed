"""What a password must be: the guide's rule (S8.3), and neither common nor personal."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import phonenumbers
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MIN_LENGTH = 8
ALIKE = 0.7  # the share of letters two words have in common, from which they count as one: Django's own
LONG = 20  # letters
RULE = gettext_lazy("At least 8 characters with upper-case letters, lower-case letters and digits")
ADVICE = gettext_lazy("15 or more characters are better.")  # NIST SP 800-63B-4, where the password is all there is


class Part(NamedTuple):
    """A part of the rule: what must be found in a canonical password, as Python and JavaScript both read it."""

    pattern: str
    words: Promise


PARTS = (
    Part(f".{{{MIN_LENGTH}}}", gettext_lazy("8 characters")),
    Part("[A-Z]", gettext_lazy("an upper-case letter")),
    Part("[a-z]", gettext_lazy("a lower-case letter")),
    Part("[0-9]", gettext_lazy("a digit")),
)

# What everybody here would try first (ASVS 6.1.2), casefolded, longer words before their beginnings. What is known of
# the person and the entity is not here: see `NotPersonal`.
HERE = re.compile(
    "macau|macao|aomen|oumun|澳門|澳门|raem|rasm|msar|mo"
    "|government|governo|govmo|gov|政府|商社通|一戶通|一户通|portal"
    "|account|conta|帳戶|賬戶|entity|entidade|實體|company|empresa|公司"
    "|palavrapasse|password|passwd|pass|senha|密碼|密码|login|username|user|utilizador|用戶"
    "|administrator|administrador|admin|管理員|welcome|bemvindo|歡迎|qwerty|abc"
)


def canonical(password: str) -> str:
    """The password as it is judged, hashed and checked: NFKC (ASVS 6.2.8), and nothing else is done to it.

    Keyboards send the same letter in different ways: full width or half, accents apart or together.
    """
    return unicodedata.normalize("NFKC", password)


class GuideRule:
    """最少8個字符，其中必須包含大楷英文字母、小楷英文字母及數字. Every other character is welcome too."""

    def validate(self, password: str, user: Any = None) -> None:
        judged = canonical(password)
        missing = [str(part.words) for part in PARTS if not re.search(part.pattern, judged, re.DOTALL)]
        if missing:
            raise ValidationError(_("Still missing: %(what)s.") % {"what": _(", ").join(missing)}, code="guide_rule")

    def get_help_text(self) -> str:
        return str(RULE)


class NotPersonal:
    """Not like what is known of the person, or of the entity they work for, which every colleague knows.

    The login may be one that is just being filled in, with anything still absent.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if user is None:
            return
        mobile = str(phonenumbers.parse(user.mobile).national_number) if user.mobile else ""
        names = (user.username or "", user.name_zh, user.name_foreign)
        reached = (user.email, user.email.partition("@")[0], user.mobile, mobile)
        if any(alike(password, value) for value in (*names, user.document_number, *reached)):
            raise ValidationError(_("The password is too similar to your personal data."), code="password_too_similar")
        entity = getattr(user, "entity", None)
        if entity and any(alike(password, value) for value in (entity.number, entity.name_zh, entity.name_pt)):
            sentence = _("The password is too similar to the number or the name of your entity.")
            raise ValidationError(sentence, code="password_too_similar")

    def get_help_text(self) -> str:
        return ""


def alike(password: str, value: str) -> bool:
    """Whether most of a password is a value or a word of it, as Django's UserAttributeSimilarityValidator measures it.

    It counts letters in whatever order. A long Portuguese name shares most of its letters with almost every sentence,
    so beside a long value order counts too: a sentence is the best password there is.
    """
    password, value = canonical(password).lower(), canonical(value).lower()
    for part in (value, *re.split(r"\W+", value)):
        compared = SequenceMatcher(a=password, b=part, autojunk=False)
        if compared.quick_ratio() >= ALIKE and (len(part) <= LONG or compared.ratio() >= ALIKE):
            return True
    return False


class NotCommon(CommonPasswordValidator):
    """Not one of the 20,000 that everybody tries first, and not only words that everybody here would try.

    Digits and signs around or inside such words change nothing: Macau2026 is as easily guessed as macau.
    """

    def validate(self, password: str, user: Any = None) -> None:
        judged = canonical(password)
        super().validate(judged, user)
        letters = "".join(character for character in judged.casefold() if character.isalpha())
        if letters and not HERE.sub("", letters):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self) -> str:
        return _("This password is too common.")
