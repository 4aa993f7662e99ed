"""What a password must be: the guide's rule (S8.3), and neither common nor personal."""

import unicodedata
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MIN_LENGTH = 8
RULE = gettext_lazy("At least 8 characters with upper-case letters, lower-case letters and digits")


def canonical(password: str) -> str:
    """The password as it is judged, hashed and checked: NFKC (ASVS 6.2.8), and nothing else is done to it.

    Keyboards send the same letter in different ways: full width or half, accents apart or together.
    """
    return unicodedata.normalize("NFKC", password)


class NotPersonal(UserAttributeSimilarityValidator):
    """Not like the username, the name, the document number or the e-mail address."""

    def get_error_message(self) -> str:
        return _("The password is too similar to your personal data.")


class NotCommon(CommonPasswordValidator):
    """Not one of the 20,000 that everybody tries first."""

    def get_error_message(self) -> str:
        return _("This password is too common.")


class GuideRule:
    """最少8個字符，其中必須包含大楷英文字母、小楷英文字母及數字. Every other character is welcome too."""

    def validate(self, password: str, user: Any = None) -> None:
        missing = [
            what
            for what, there in (
                (_("8 characters"), len(password) >= MIN_LENGTH),
                (_("an upper-case letter"), any("A" <= character <= "Z" for character in password)),
                (_("a lower-case letter"), any("a" <= character <= "z" for character in password)),
                (_("a digit"), any("0" <= character <= "9" for character in password)),
            )
            if not there
        ]
        if missing:
            raise ValidationError(_("Still missing: %(what)s.") % {"what": _(", ").join(missing)}, code="guide_rule")

    def get_help_text(self) -> str:
        return str(RULE)
