"""The dashboard of officers: what its charts count, how they are drawn, and that a table beside each says the same."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts import charts as account_charts
from accounts.applications import operations
from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.charts import LEFT, RIGHT, WIDTH, Chart, Series, draw, last_days, scale
from entity_portal.messaging import charts as message_charts
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff import charts as staff_charts
from tests import cast
from tests.accounts.applications.asking import first
from tests.cast import Cast
from tests.pages import problems, text_of

DASHBOARD = "/admin/dashboard/"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def chart(*values: list[int], upright: bool = True, labels: list[str] | None = None) -> Chart:
    series = [Series(f"s{n}", numbers, "ok") for n, numbers in enumerate(values)]
    labels = labels or [f"2026-11-{day:02}" for day in range(1, len(values[0]) + 1)]
    return Chart(key="k", title="Title", about="About", column="Day", labels=labels, series=series, upright=upright)


# --- from numbers to shapes ---


@pytest.mark.parametrize(
    ("peak", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (9, [0, 5, 10]),
        (21, [0, 10, 20, 30]),
        (100, [0, 50, 100]),
        (999_999, [0, 500_000, 1_000_000]),
    ],
)
def test_the_scale_has_round_numbers_and_reaches_the_peak(peak: int, expected: list[int]) -> None:
    assert scale(peak) == expected


@pytest.mark.parametrize("count", [1, 2, 7, 30, 90])
def test_columns_stand_side_by_side_and_none_leaves_the_drawing(count: int) -> None:
    drawn = draw(chart([each * 7 % 13 + 1 for each in range(count)]))
    assert len(drawn.shapes) == count
    edges = [(shape.x, shape.x + shape.width) for shape in drawn.shapes]
    assert all(left < right for left, right in edges)
    assert all(before[1] <= after[0] for before, after in pairwise(edges))
    assert edges[0][0] >= LEFT
    assert edges[-1][1] <= WIDTH - RIGHT
    assert all(shape.y >= 0 and shape.y + shape.height <= drawn.height for shape in drawn.shapes)


def test_heights_are_in_proportion_and_what_is_stacked_does_not_overlap() -> None:
    drawn = draw(chart([10, 0, 5], [10, 20, 0]))
    first, second = drawn.shapes[:2]
    assert first.height == second.height
    assert second.y + second.height == first.y
    assert drawn.shapes[2].height == 2 * first.height
    assert len(drawn.shapes) == 4, "nothing is not drawn"
    assert drawn.shapes[3].height * 2 == first.height


def test_the_least_number_beside_the_greatest_can_still_be_seen() -> None:
    assert min(shape.height for shape in draw(chart([1, 1_000_000])).shapes) >= 2
    assert min(shape.width for shape in draw(chart([1, 1_000_000], upright=False)).shapes) >= 2


def test_a_few_days_are_named_the_last_one_always() -> None:
    for count in (1, 4, 30, 31):
        words = [word.text for word in draw(chart([1] * count)).words if word.anchor == "middle"]
        assert 1 <= len(words) <= 6
        assert words[-1] == f"11-{count:02}"


def test_bars_have_their_whole_name_above_and_their_number_behind() -> None:
    drawn = draw(chart([3, 9], [1, 0], upright=False, labels=["Organisation without legal personality", "Company"]))
    assert [word.text for word in drawn.words] == ["Organisation without legal personality", "4", "Company", "9"]
    assert drawn.shapes[0].x + drawn.shapes[0].width == drawn.shapes[1].x
    assert all(word.x <= WIDTH for word in drawn.words)


@pytest.mark.parametrize("upright", [True, False])
def test_nothing_at_all_is_no_fault(upright: bool) -> None:
    empty = Chart(key="k", title="T", about="A", column="C", labels=[], series=[Series("s", [])], upright=upright)
    assert draw(empty).shapes == ()
    assert empty.peak == 0


# --- what is counted ---


def numbers(made: Chart, label: str) -> dict[str, int]:
    row = dict(made.rows)[label]
    return {each.name: number for each, number in zip(made.series, row, strict=True) if number}


@pytest.mark.django_db
def test_texts_are_counted_by_state_and_by_the_day_in_macau(time_machine: Any) -> None:
    time_machine.move_to("2026-11-25T16:30:00+00:00", tick=False)  # the 26th in Macau
    days = [timezone.now() - timedelta(hours=hours) for hours in (0, 1, 24 * 29, 24 * 30)]
    for at in days:
        SMS.objects.create(to="+85366123456", purpose="reset", body="x", created_at=at)
    done = {"finished_at": timezone.now(), "body": "", "to": "+85366123456", "purpose": "reset"}
    for status in ("delivered", "failed", "failed", "unknown", "sent"):
        SMS.objects.create(status=status, **done)
    made = message_charts.deliveries()
    assert len(made.labels) == 30
    assert numbers(made, "2026-11-26") == {
        "Delivered": 1,
        "Not delivered": 2,
        "Not known whether it was sent": 1,
        "Sent, no receipt yet": 1,
        "Waiting to be sent": 1,
    }
    assert numbers(made, "2026-11-25") == {"Waiting to be sent": 1}
    assert numbers(made, made.labels[0]) == {"Waiting to be sent": 1}
    assert sum(each["sum"] for each in made.legend) == 8, "and the text of thirty days ago is not among them"


@pytest.mark.django_db
def test_logins_and_entities_are_counted_by_status_and_kind(company: Cast) -> None:
    assert dict(staff_charts.logins().rows) == {"Active": [2], "Not activated": [1], "Left (no longer employed)": [1]}
    Entity.objects.filter(pk=company.entity.pk).update(status="suspended")
    cast.authority()
    made = account_charts.entities()
    assert numbers(made, "Company") == {"Suspended": 1}
    assert numbers(made, "Public authority") == {"Active": 1}
    assert len(made.labels) == 2, "kinds that nobody is of are left out"


def sign_in(company: Cast) -> None:
    with transaction.atomic():
        record(Action.SIGNED_IN, entity=company.entity.number, actor=company.staff, target=company.staff.euid)


@pytest.mark.django_db
def test_sign_ins_are_counted_from_the_newest_lines_only(company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.localdate().isoformat()
    for _each in range(3):
        sign_in(company)
    record(Action.SIGN_IN_REFUSED, entity="", actor=None)
    assert numbers(staff_charts.sign_ins(), today) == {"Logins": 3}
    assert len(staff_charts.sign_ins().labels) == 30
    monkeypatch.setattr(staff_charts, "LOOKED_AT", 2)
    assert staff_charts.sign_ins().labels == [], "today is not whole among the newest two"


@pytest.mark.django_db
def test_the_history_is_read_by_its_key_in_a_bounded_range(company: Cast) -> None:
    sign_in(company)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        staff_charts.sign_ins()
    about_history = [each["sql"] for each in asked if "audit_event" in each["sql"]]
    assert len(about_history) == 3
    assert all("MAX" in sql or re.search(r'"id" > +-?\d+', sql) for sql in about_history)


# --- the page ---


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_every_officer_sees_the_dashboard_and_nobody_else_Q1(company: Cast, role: Role) -> None:
    assert cast.officer(role).get(DASHBOARD).status_code == 200
    assert cast.officer(role).post(DASHBOARD).status_code == 405
    assert cast.officer(role, code=False).get(DASHBOARD).status_code == 404
    assert cast.officer(person=cast.officer_login()).get(DASHBOARD).status_code == 404, "an officer without a role"
    assert cast.enter(company.administrator).get(DASHBOARD).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "pt", "zh-hant"])
def test_each_picture_is_named_and_its_numbers_stand_in_a_table_beside_it(company: Cast, language: str) -> None:
    sign_in(company)
    SMS.objects.create(to="+85366123456", purpose="reset", body="x")
    cast.empowered(company.administrator)
    operations.submit(application=first())
    client = cast.officer()
    client.cookies[portal_settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(DASHBOARD)
    html = answer.content.decode()
    wrong = [each for each in problems(html) if not each.startswith("title")]
    assert wrong == []
    charts = answer.context["charts"]
    assert len(charts) == len(portal_settings.DASHBOARD_CHARTS)
    assert html.count('<svg role="img"') == html.count("<details>") == len(charts)
    for each in charts:
        assert f'<title id="t-{each.key}">' in html
        assert f'<desc id="d-{each.key}">' in html
        for label, row in each.rows:
            cells = "".join(f"<td>{number}</td>" for number in row)
            assert f'<th scope="row">{label}</th>{cells}' in html
    for number in re.findall(r'(?:x|y|width|height|x1|y1|viewBox)="([^"]*)"', html):
        assert "," not in number, "a decimal comma is no SVG"
    assert "style=" not in html.partition("<main")[2]


@pytest.mark.django_db
def test_the_dashboard_takes_a_handful_of_queries(company: Cast, django_assert_max_num_queries: Any) -> None:
    client = cast.officer()
    with django_assert_max_num_queries(25):
        page = text_of(client.get(DASHBOARD))
    assert "There is nothing to count yet." in page, "no text was sent"


def test_the_last_days_end_today_in_macau(time_machine: Any) -> None:
    time_machine.move_to("2026-03-01T16:30:00+00:00", tick=False)
    assert [day.isoformat() for day in last_days(3)] == ["2026-02-28", "2026-03-01", "2026-03-02"]
