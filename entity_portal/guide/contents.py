"""使用說明: the sixteen headings of the official guide, in its order (S0.1), and which screen is explained by which.

The words under a heading are `templates/guide/<language>/<slug>.html`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五", "十六")
Words = str | Promise


class Who(StrEnum):
    """Who does what a heading explains."""

    EVERYBODY = "everybody"
    ADMINISTRATORS = "administrators"
    ASSIGNERS = "assigners"

    def includes(self, user: Any) -> bool:
        """Whether the screen of a heading opens to `user`; to who has not signed in, after the door."""
        if self == Who.EVERYBODY or not user.is_authenticated:
            return True
        return bool(user.is_administrator if self == Who.ADMINISTRATORS else user.can_assign)


WHO: dict[Who, Words] = {
    Who.EVERYBODY: gettext_lazy("everyone with a staff login"),
    Who.ADMINISTRATORS: gettext_lazy("entity administrators"),
    Who.ASSIGNERS: gettext_lazy("entity administrators and service administrators"),
}


@dataclass(frozen=True)
class Heading:
    """One of the sixteen: `screen` is the name of the address where one does it, `button` that screen's own heading."""

    number: int
    slug: str
    title: Words
    about: Words
    screen: str = ""
    button: Words = ""
    who: Who | None = None

    @property
    def numbered(self) -> str:
        """`五、啟動工作人員登入號（實體管理員）`, `5. Activating …`."""
        chinese = (get_language() or "").startswith("zh")
        numeral = NUMERALS[self.number - 1] if chinese else str(self.number)
        return _("%(numeral)s. %(title)s") % {"numeral": numeral, "title": self.title}

    @property
    def done_by(self) -> Words:
        return WHO[self.who] if self.who else ""


PARTS: dict[Words, tuple[Heading, ...]] = {
    gettext_lazy("Part 1: About the entity account"): (
        Heading(
            1,
            "introduction",
            gettext_lazy("Introduction"),
            gettext_lazy("What the entity account is, and the law it rests on."),
        ),
        Heading(
            2,
            "who",
            gettext_lazy("Who it is for"),
            gettext_lazy("The kinds of entity that can have an account."),
        ),
        Heading(
            3,
            "account-types",
            gettext_lazy("The types of login"),
            gettext_lazy("Administrators and staff: how each login is opened, and how it ends."),
        ),
        Heading(
            4,
            "using-e-services",
            gettext_lazy("How to use e-services"),
            gettext_lazy("From the login to the e-service of a department."),
        ),
    ),
    gettext_lazy("Part 2: How to use it"): (
        Heading(
            5,
            "activate",
            gettext_lazy("Activating a staff login (entity administrator)"),
            gettext_lazy("With the code in the SMS: enter your data, choose a username and a password."),
            "activation:start",
            gettext_lazy("Activate staff login"),
            Who.EVERYBODY,
        ),
        Heading(
            6,
            "log-in",
            gettext_lazy("How to log in"),
            gettext_lazy("Entity number, username, password; and what to do when you cannot."),
            "staff:sign_in",
            gettext_lazy("Log in"),
            Who.EVERYBODY,
        ),
        Heading(
            7,
            "account-data",
            gettext_lazy("Looking up account data (including the EUID)"),
            gettext_lazy("Where your own data are, your EUID among them."),
            "account",
            gettext_lazy("Account data"),
            Who.EVERYBODY,
        ),
        Heading(
            8,
            "change-password",
            gettext_lazy("How to change the password"),
            gettext_lazy("The old one once, the new one twice."),
            "staff:change_password",
            gettext_lazy("Change password"),
            Who.EVERYBODY,
        ),
        Heading(
            9,
            "add-staff",
            gettext_lazy("How to open staff logins for the people of the entity"),
            gettext_lazy("Enter a person’s data, then send the activation code by SMS."),
            "staff:list",
            gettext_lazy("Staff list"),
            Who.ADMINISTRATORS,
        ),
        Heading(
            10,
            "edit-staff",
            gettext_lazy("Changing the data of a staff login"),
            gettext_lazy("Everything before activation; after it, the e-mail address alone."),
            "staff:list",
            gettext_lazy("Staff list"),
            Who.ADMINISTRATORS,
        ),
        Heading(
            11,
            "delete-staff",
            gettext_lazy("How to delete a staff login"),
            gettext_lazy("When somebody leaves: what ends, and what stays."),
            "staff:list",
            gettext_lazy("Staff list"),
            Who.ADMINISTRATORS,
        ),
        Heading(
            12,
            "add-administrator",
            gettext_lazy("How to give a staff login the administrator power online"),
            gettext_lazy("An application with the consent of the legal representative."),
            "applications:administrators",
            gettext_lazy("Change of entity account administrator"),
            Who.ADMINISTRATORS,
        ),
        Heading(
            13,
            "e-services-and-groups",
            gettext_lazy("About e-services and service groups"),
            gettext_lazy("Who opens an e-service to the entity, and what its groups are for."),
            "services:list",
            gettext_lazy("Government services list"),
            Who.ASSIGNERS,
        ),
        Heading(
            14,
            "assign-staff",
            gettext_lazy("How to decide who uses an e-service"),
            gettext_lazy("Put people into a service group, or take them out."),
            "services:list",
            gettext_lazy("Government services list"),
            Who.ASSIGNERS,
        ),
        Heading(
            15,
            "view-assignments",
            gettext_lazy("Seeing the work or the service groups a person is assigned to"),
            gettext_lazy("All service groups of one person in one place."),
            "staff:list",
            gettext_lazy("Staff list"),
            Who.ADMINISTRATORS,
        ),
        Heading(
            16,
            "service-administrators",
            gettext_lazy("How to name and remove service administrators"),
            gettext_lazy("Let a person assign others to e-services, without being an administrator."),
            "services:administrators",
            gettext_lazy("Service administration rights"),
            Who.ADMINISTRATORS,
        ),
    ),
}
HEADINGS = tuple(heading for headings in PARTS.values() for heading in headings)
BY_SLUG = {heading.slug: heading for heading in HEADINGS}

# The screens that each heading explains, by the name of their address. Other screens need none; the test lists them.
SCREENS: dict[str, str] = {
    "introduction": "staff:notifications staff:notification_choices",
    "account-types": (
        "entity applications:apply applications:apply_begin applications:apply_entity "
        "applications:apply_representative applications:apply_administrators applications:apply_administrator "
        "applications:apply_documents applications:apply_agreement applications:apply_review applications:apply_save "
        "applications:apply_prove applications:apply_consent applications:apply_done applications:apply_discard "
        "applications:apply_withdraw applications:apply_progress applications:track applications:track_code"
    ),
    "using-e-services": "oidc:authorize oidc:decide oidc:end_session",
    "activate": (
        "activation:start activation:credentials activation:done activation:accept_terms applications:apply_credentials"
    ),
    "log-in": (
        "staff:sign_in staff:verify staff:set_up_app staff:new_password staff:reset_password staff:reset_password_code "
        "staff:remind_username staff:security staff:app staff:replace_app staff:remove_app staff:recovery_codes "
        "staff:new_recovery_codes staff:entity_security staff:confirm"
    ),
    "account-data": "account staff:change_email staff:confirm_email applications:own_correction",
    "change-password": "staff:change_password",
    "add-staff": "staff:list staff:new activation:create_and_send person",
    "edit-staff": ("staff:edit applications:correction applications:correction_changes applications:correction_review"),
    "delete-staff": "depart staff:remove_administrator",
    "add-administrator": (
        "applications:administrators applications:administrators_choose applications:administrators_new "
        "applications:administrators_person applications:administrators_representative "
        "applications:administrators_documents applications:administrators_agreement "
        "applications:administrators_review applications:administrators_proof applications:administrators_consent "
        "applications:requests applications:request applications:request_answer applications:request_documents "
        "applications:request_withdraw"
    ),
    "assign-staff": "services:list services:service services:group services:edit_group services:dates",
    "service-administrators": "services:administrators services:administrator",
}
EXPLAINED_BY = {screen: BY_SLUG[slug] for slug, screens in SCREENS.items() for screen in screens.split()}
