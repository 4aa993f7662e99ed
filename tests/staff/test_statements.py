"""What a sign-in costs the database: how many statements it is, and that the rows it writes stay where they are."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from staff.models import Session, StaffLogin
from staff.models.session import AT_MOST
from tests.asked import about, statements
from tests.cast import PASSWORD, Cast, enter

pytestmark = pytest.mark.django_db


def sign_in(company: Cast) -> Any:
    who = {"entity_number": company.entity.number, "username": company.staff.username}
    response = Client().post("/login/", {**who, "password": PASSWORD})
    assert response.status_code == 302, response.content.decode()[:600]
    return response


def test_a_sign_in_is_few_statements(company: Cast) -> None:
    """Two looks at limits by place, three of tries; find, strike, forget; two of steps; sessions, login, history."""
    sign_in(company)
    with statements() as said:
        sign_in(company)
    assert len(said) <= 14, "\n".join(said)


def test_a_sign_in_writes_its_session_once_and_its_login_three_times(company: Cast) -> None:
    """The login: a strike, its return, and when the person came in; the session of too many ends before."""
    with statements() as said:
        sign_in(company)
    written = [each.split()[0] for each in about(said, "staff_session") if not each.startswith("SELECT")]
    assert written == ["DELETE", "INSERT"]
    assert len([each for each in about(said, "staff_stafflogin") if each.startswith("UPDATE")]) == 3


def test_what_every_sign_in_writes_is_in_no_index_of_logins() -> None:
    """Else each of three updates would write an entry into every index (PostgreSQL's heap-only tuples)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid"
            " LEFT JOIN pg_depend ON objid = indexrelid AND refobjid = indrelid AND refobjsubid = attnum"
            " WHERE indrelid = 'staff_stafflogin'::regclass AND attnum > 0"
            " AND (attnum = ANY(indkey) OR objid IS NOT NULL)"
        )
        read = {name for (name,) in cursor.fetchall()}
    assert {"entity_id", "locked_at"} <= read
    assert not read & {"failed_attempts", "last_login", "language"}


def test_who_comes_in_has_a_time_and_a_row_with_a_new_key(company: Cast) -> None:
    assert company.staff.last_login is None
    first, second = (sign_in(company).cookies["sessionid"].value for _turn in range(2))
    assert first != second
    assert Session.objects.filter(login=company.staff).count() == 2
    assert StaffLogin.objects.get(pk=company.staff.pk).last_login


def test_of_too_many_sessions_those_used_longest_ago_end(company: Cast) -> None:
    oldest = enter(company.staff)
    for _turn in range(AT_MOST):
        sign_in(company)
    assert Session.objects.filter(login=company.staff).count() == AT_MOST
    assert oldest.get("/account/").status_code == 302
