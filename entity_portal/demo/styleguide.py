"""What /styleguide/ shows: each component in its states, with made-up people and things; nothing is read or written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from accounts.applications.models import DocumentKind
from accounts.models import EntityStatus
from activation.terms import CURRENT, TERMS
from entity_portal import charts
from entity_portal.demo import DemoLogin
from entity_portal.demo.people import PASSWORD
from entity_portal.forms import DayField, MobileField, PasswordField, PlainField, WordsField
from entity_portal.guide.contents import HEADINGS
from entity_portal.messaging.models import Status as SMSStatus
from staff.forms import FilterForm, NewPasswordField, PersonForm
from staff.models import Status

LONG_ZH = "澳門特別行政區文化遺產保護及社區教育推廣工作者聯合總會"
LONG_PT = "Associação dos Trabalhadores da Protecção do Património e da Responsabilização Intergeracional de Macau"


def long_name() -> str:
    """The name of an organisation that needs room, in the reader's script."""
    return LONG_ZH if get_language() == "zh-hant" else LONG_PT


@dataclass
class State:
    """A component in one state: its template, what that expects, and what the state is."""

    template: str
    says: Any
    context: dict[str, Any] = field(default_factory=dict)
    shown: bool = False  # with what a script would show
    wide: bool = False  # one scheme below the other
    key: str = ""

    @property
    def name(self) -> str:
        return self.template.removesuffix(".html")


@dataclass
class Group:
    key: str
    title: str
    states: Sequence[State]

    def __post_init__(self) -> None:
        for number, state in enumerate(self.states, 1):
            state.key = f"{self.key}-{number}"


def component(name: str, says: Any, /, *, shown: bool = False, wide: bool = False, **context: Any) -> State:
    return State(f"components/{name}.html", says, context, shown, wide)


def drawn(name: str, says: Any, /, *, wide: bool = False, **context: Any) -> State:
    """Classes without a component of their own, as a page writes them."""
    return State(f"demo/styleguide/{name}.html", says, context, wide=wide)


def person(
    zh: str = "陳詠珊",
    foreign: str = "CHAN WENG SAN",
    username: str | None = "chan.wengsan",
    status: str = "active",
    **more: Any,
) -> Thing:
    """Somebody made up, with what the components ask of a login."""
    plain: dict[str, Any] = {
        "euid": "CU0004172936",
        "name": (zh if get_language() == "zh-hant" else "") or foreign,
        "name_zh": zh,
        "name_foreign": foreign,
        "username": username,
        "status": status,
        "get_status_display": Status(status).label,
        "is_locked": False,
        "is_administrator": False,
        "is_service_administrator": False,
        "role": "",
        "can_assign": False,
        "activated_at": None if status == "pending" else moment(),
        "present": True,
    }
    return Thing(**plain | more)


def moment(days: int = 0) -> datetime:
    return timezone.now() + timedelta(days=days)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = PlainField(label=later("Name"), help_text=later("As on the identification document"))
    kind = forms.ChoiceField(label=later("Status"), choices=Status)
    mobile = MobileField(label=later("Mobile phone number"))
    day = DayField(label=later("First day"))
    words = WordsField(label=later("Reason"))
    password = PasswordField(label=later("Password"), autocomplete="off")
    document = forms.FileField(label=later("Document"))
    ways = forms.ChoiceField(
        label=later("Role"), choices=[("1", later("Administrator")), ("2", LONG_PT)], widget=forms.RadioSelect
    )
    agree = forms.BooleanField(label=later("I have read and agree to these terms"))


def groups() -> list[Group]:
    return [
        Group("header", _("Header and way back"), list(_header())),
        Group("buttons", _("Buttons"), [drawn("buttons", _("all kinds"))]),
        Group("tags", _("Tags"), list(_tags())),
        Group("messages", _("Messages"), list(_messages())),
        Group("fields", _("Fields"), list(_fields())),
        Group("lists", _("Lists"), list(_lists())),
        Group("facts", _("Facts"), list(_facts())),
        Group("steps", _("Steps"), list(_steps())),
        Group("people", _("People and services"), list(_people())),
        Group("charts", _("Charts"), list(_charts())),
        Group("text", _("Text and layout"), [drawn("text", _("all kinds"), wide=True), drawn("phone", _("all kinds"))]),
    ]


def _header() -> list[State]:
    administrator = person(
        is_administrator=True,
        can_assign=True,
        is_staff=True,
        is_verified=True,
        entity=Thing(name="濠灣茶餐飲有限公司", number="80216453"),
    )
    plain = person(username="maria.fernanda.rodrigues.silva", entity=Thing(name=long_name(), number="80216453"))
    pages = [
        Thing(url="#styleguide", name=name, current=not number)
        for number, name in enumerate((_("Entities"), long_name(), "SMS"))
    ]
    return [
        drawn("header", _("administrator"), wide=True, user=administrator, unread=120),
        drawn("header", _("long names"), wide=True, user=plain, unread=0),
        component("brand", _("all kinds")),
        component("bell", _("nothing unread"), unread=0),
        component("bell", _("unread"), unread=6),
        component("menu", _("administrator"), user=administrator),
        component("guide_link", _("all kinds"), explained_by=HEADINGS[0]),
        component("places", _("officer"), wide=True, tasks=[Thing(pages=pages)]),
    ]


def _tags() -> list[State]:
    logins = [
        person(),
        person(status="pending", username=None),
        person(status="departed"),
        person(is_locked=True, is_administrator=True, is_service_administrator=True, role="x"),
    ]
    states = [component("status_tag", login.get_status_display, login=login) for login in logins]
    states[-1].says = _("Locked")
    for is_now in EntityStatus:
        entity = Thing(status=is_now, get_status_display=is_now.label)
        states += [component("entity_status", is_now.label, entity=entity)]
    for became in SMSStatus:
        states += [component("sms_status", became.label, sms=Thing(status=became, get_status_display=became.label))]
    for words, inside, gone, into in (
        (_("Offered"), 0, False, None),
        (_("E-service withdrawn"), 0, True, None),
        (_("Group open"), 1, False, None),
        (_("Group closed"), 1, True, None),
        (_("Being merged into %(into)s") % {"into": "operator"}, 1, False, Thing(code="operator")),
    ):
        row = Thing(service_id=inside, withdrawn_at=gone, merged_into=into)
        states += [component("catalogue_tag", words, row=row)]
    return [
        *states,
        component("role_tag", _("Administrator"), login=logins[-1]),
        component("role_name", _("Administrator"), login=logins[-1]),
        component("role_name", _("Staff member"), login=logins[0]),
        component("exception_tag", _("Not activated"), login=logins[1]),
        component("exception_tag", _("Locked"), login=logins[-1], locked=True),
        component("opening_tag", _("Suspended"), status="suspended"),
        component("opening_tag", _("Withdrawn"), status="withdrawn"),
        component("code_sent", _("Not sent yet"), code=None),
        component("code_sent", _("Sent today"), code=Thing(days=0, sms=None)),
        component(
            "days", _("ended by date"), row=Thing(valid_from=1, valid_until=2, days="2026-01-01–2026-03-31", is_over=1)
        ),
        component("reach", _("Service administrator"), power=Thing(login=logins[0], narrowed=False)),
        component("other_name", _("Name"), login=logins[0]),
        drawn("tags", _("all kinds")),
    ]


def _messages() -> list[State]:
    bound = SampleForm({})
    rows = [Thing(what=_("Service groups"), detail=long_name()), Thing(what=_("Devices logged in"), detail="")]
    return [
        component("note", _("to know"), tone="", text=long_name()),
        component("note", _("done"), tone="ok", text=long_name()),
        component("note", _("mind this"), tone="wait", text=long_name()),
        component("note", _("failed"), tone="bad", text=long_name()),
        component("messages", _("what was done"), messages=[Message("success"), Message("warning"), Message("error")]),
        component("errors", _("errors"), form=bound),
        component("consequences", _("Ends at once"), rows=rows, keep=False),
        component("consequences", _("Stays"), rows=rows, keep=True),
        component("email_waiting", _("waits"), waiting=Thing(email="m.rodrigues@example.mo", expires_at=moment(1))),
        component("opening_note", _("Suspended"), status="suspended"),
        component("opening_note", _("Withdrawn"), status="withdrawn"),
        component("session", _("the end is near"), session_left=(300, True), shown=True),
        drawn("messages", _("all kinds")),
    ]


@dataclass
class Message:
    level_tag: str

    def __str__(self) -> str:
        return long_name()


def _fields() -> list[State]:
    empty, wrong, off = SampleForm(), SampleForm({"name": "x" * 600}), SampleForm()
    for each in off.fields.values():
        each.disabled = True
    short = SampleForm(auto_id="short_%s")
    check = {
        "name": "human",
        "attrs": {"id": "human"},
        "key": "",
        "image_url": static("img/mark.svg"),
        "audio_url": "",
        "question": "3 + 4 = ?",
    }
    new = forms.Form()
    new.fields["new"] = NewPasswordField(label=_("New password"))
    agree = forms.Form()
    agree.fields["agree"] = SampleForm.base_fields["agree"]
    mandatory = [component("mandatory", _("all kinds"))]
    return [
        *mandatory,
        drawn("form", _("empty"), form=empty, short=short),
        drawn("form", _("errors"), form=wrong, short=short),
        drawn("form", _("disabled"), form=off, short=short),
        component("field", _("one field"), field=empty["name"]),
        component("field_notes", _("errors"), field=wrong["mobile"]),
        component("field", _("Mobile phone number"), field=empty["mobile"]),
        component("field", _("with its parts"), field=new["new"], shown=True),
        component("whose_password", _("unseen, for password managers"), username="chan.wengsan"),
        drawn("human_check", _("picture"), widget=check | {"kind": "picture"}),
        drawn("human_check", _("sound"), widget=check | {"kind": "audio"}),
        drawn("human_check", _("sum"), widget=check | {"kind": "sum"}),
        component("enter", _("unseen, for the Enter key")),
        component("terms", _("all kinds"), terms=TERMS[CURRENT][get_language() or "zh-hant"], form=agree),
        component("login_fields", _("empty"), form=PersonForm()),
        component(
            "officer_act",
            _("officer"),
            form=agree,
            ends=[Thing(what=_("Devices logged in"), detail=long_name())],
            keeps=[Thing(what=_("Service groups"), detail="")],
            button=_("Save"),
            danger=True,
            back="#styleguide",
        ),
        drawn("filters", _("all kinds"), wide=True, form=empty),
    ]


def _lists() -> list[State]:
    page = Paginator(range(900), 25).page(12)
    rows = [
        person(role="x", is_administrator=True),
        person("", "MARIA FERNANDA DA SILVA RODRIGUES GUERREIRO", "maria.fernanda.rodrigues.silva", is_locked=True),
        person("歐陽慕容司馬諸葛", "AO IEONG MOU IONG", None, "pending"),
        person("何梓軒", "HO CHI HIN", status="departed"),
    ]
    labels = [_("Username"), _("Name in Chinese"), _("Name in Portuguese / foreign language")]
    labels += [_("Identification document no."), _("Phone"), _("Status"), _("Role"), _("Actions")]
    ways = [{"value": "", "label": _("%(column)s, ascending") % {"column": labels[0]}, "chosen": True}]
    first = {"key": "username", "label": labels[0], "sort_url": "#styleguide", "aria_sort": "ascending", "ways": ways}
    columns = [first, *({"label": label} for label in labels[1:])]
    found = ngettext("%(n)s person found", "%(n)s people found", 900) % {"n": 900}
    membership = {
        "service": Thing(name=long_name(), code="x"),
        "group": Thing(name=_("Administrators"), code="x"),
        "assignment": Thing(valid_from=None, valid_until=None, is_over=False, is_to_begin=False),
        "in_force": False,
    }
    return [
        component("filters", _("with what was found"), wide=True, shown=True, filters=FilterForm(), found=found),
        component("sort_by", _("on a phone"), columns=columns),
        drawn("table", _("people"), wide=True, people=rows, columns=columns),
        drawn("history", _("all kinds"), wide=True),
        component("pages", _("in the middle"), page=page, csv="#styleguide", wide=True),
        component("turns", _("in the middle"), turn=Thing(before="x", after="y"), of=found, csv="?", wide=True),
        component("slices", _("in the middle"), page=page, name="page", list=_("Staff list"), wide=True),
        drawn("memberships", _("people"), wide=True, memberships=[membership], login=rows[2], linked=False),
        drawn("lists", _("all kinds"), wide=True),
    ]


def _facts() -> list[State]:
    pending, active = person(status="pending"), person()
    code = Thing(state="open", created_at=moment(), expires_at=moment(3))
    failed = Thing(status="failed", label=_("Not delivered"), at=moment(), reason="", overdue=False)
    late = Thing(status="sending", label=_("Sent"), at=moment(), reason="", overdue=True)
    unknown = Thing(status="unknown", label=_("Not known whether it was sent"), at=moment(), reason="", overdue=False)
    status: dict[str, Any] = {"send_url": "#styleguide", "may_edit": True}
    filled = [(_("Name in Chinese"), LONG_ZH), (_("Name in Portuguese / foreign language"), LONG_PT), (_("E-mail"), "")]
    document = Thing(get_kind_display=DocumentKind.choices[0][1], name=f"{LONG_PT}.pdf", size=482_113, pk=1)
    parts = Thing(entity=filled, representative=filled[:1], administrators=[filled[:1], filled[:1]])
    return [
        component("activation_status", _("Not delivered"), login=pending, code=code, sms=failed, **status),
        component("activation_status", _("Sent"), login=pending, code=code, sms=late, **status),
        component(
            "activation_status", _("Not known whether it was sent"), login=pending, code=code, sms=unknown, **status
        ),
        component("activation_status", _("Active"), login=active, code=None, sms=None, send_url=""),
        component(
            "login_facts", _("Active"), entity_number="80216453", username="chan.wengsan", euid=active.euid, shown=True
        ),
        component("login_line", _("Active"), login=active),
        component("filled_in", _("long names"), rows=filled),
        component("documents", _("long names"), documents=[document, document], removable=True),
        component("application_parts", _("long names"), parts=parts, documents=[document], wide=True),
        component("who_may_apply", _("all kinds")),
        component("copy", _("with its button"), value="x", name="EUID", shown=True),
        component("reveal", _("with its button"), reveal_url="", what="mobile", name=_("Phone")),
        component(
            "demo_logins",
            _("all kinds"),
            logins=[DemoLogin(_("Administrator"), "80216453", "chan.wengsan", PASSWORD)],
            shown=True,
        ),
        drawn("facts", _("all kinds"), wide=True),
    ]


def _steps() -> list[State]:
    names = [_("Entity"), _("Legal representative"), _("Administrators"), _("Documents"), long_name()]
    steps = [Thing(name=str(n), label=name, address="#styleguide", done=n < 3) for n, name in enumerate(names, 1)]
    moves = [
        Thing(label=_("Submitted"), at=moment(-1), who="陳詠珊", reason="", text=long_name(), how=""),
        Thing(label=_("Documents"), at=moment(-2), who="", reason=long_name(), text="", how=""),
    ]
    timeline: dict[str, Any] = {"application": Thing(get_state_display=_("Submitted")), "next_step": long_name()}
    timeline |= {"moves": moves, "promised": moment(9).date(), "overdue": False, "told_at": "+853 66** **12"}
    return [
        *(component("steps", str(current), current=current) for current in (1, 2, 3)),
        component("wizard_steps", "3", steps=steps, step="3", number=3, of=5),
        component("application_timeline", _("Submitted"), **timeline),
        drawn("steps", _("all kinds")),
    ]


def _people() -> list[State]:
    two = [
        person(),
        person("", "MARIA FERNANDA DA SILVA RODRIGUES", "m.rodrigues"),
        person("何梓軒", "HO CHI HIN", None, "pending"),
    ]
    rows = [{"login": login, "ticked": number < 2} for number, login in enumerate(two)]
    shelf: dict[str, Any] = {"q": "", "add_elsewhere": "", "remove_elsewhere": "", "waiting": [], "rows": rows}
    shelf |= {"left": Paginator(range(900), 25).page(2), "right": Paginator(two[:2], 5).page(1)}
    lists = Thing(**shelf | {"chosen": 2, "total": 900, "to_add": 1, "to_remove": 0})
    shelf |= {"q": "x", "rows": [], "left": Paginator([], 5).page(1), "right": Paginator([], 5).page(1)}
    nobody = Thing(**shelf | {"chosen": 0, "total": 900, "to_add": 0, "to_remove": 0})
    headings: dict[str, Any] = {
        "candidates": _("Staff logins"),
        "chosen": _("Service administrators"),
        "early": _("Not activated"),
    }
    service = Thing(name=long_name(), url="", code="x", department=Thing(name=long_name()))
    linked = Thing(**service.__dict__ | {"url": "#styleguide"})
    group = Thing(name=_("Administrators"), code="x", description=long_name(), withdrawn_at=None)
    return [
        component("two_lists", _("people"), wide=True, lists=lists, user=two[0], administrators_can=True, **headings),
        component("two_lists", _("empty"), wide=True, lists=nobody, user=two[0], **headings),
        component("unsaved", _("Save"), lists=lists, back="#styleguide", save=_("Save")),
        drawn("chosen", _("people"), people=[*two[:1], person("何梓軒", "HO CHI HIN", present=False)]),
        component("people", _("people"), n=12),
        component("group_tile", _("people"), service=service, group=group, people=12, may_add=True),
        component("group_tile", _("empty"), service=service, group=group, people=0, may_add=True),
        component("service_tile", _("without an address"), service=service, groups=[group, group]),
        component("service_tile", _("with an address"), service=linked, groups=[group]),
        drawn("tiles", _("all kinds"), wide=True),
    ]


def _charts() -> list[State]:
    labels = [_("Submitted"), _("Documents"), _("Active")]
    names = [_("Active"), _("Not activated"), _("Locked"), _("Left (no longer employed)"), _("Submitted")]
    tones = zip(names, ("ok", "wait", "bad", "faint", "plain"), strict=True)
    bars = [charts.Series(name, [n, 2, 7 - n], tone) for n, (name, tone) in enumerate(tones)]
    days = [day.isoformat() for day in charts.last_days(14)]
    columns = [charts.Series(_("Active"), [1, 4, 2, 8, 5, 7, 1, 0, 0, 4, 9, 2, 6, 3])]

    def chart(key: str, title: str, labels: list[str], series: list[charts.Series], **more: Any) -> charts.Chart:
        return charts.Chart(key, title, long_name(), _("Status"), labels, series, **more)

    two = [chart("a", _("Active"), days, columns, upright=True), chart("b", _("Locked"), days, columns, upright=True)]
    return [
        component("chart", _("bars"), chart=chart("bars", _("Status"), labels, bars)),
        component("chart", _("columns"), chart=chart("days", _("Active"), days, columns, upright=True)),
        component("chart", _("empty"), chart=chart("none", _("Active"), [], [])),
        drawn("charts", _("side by side"), wide=True, charts=two),
    ]
