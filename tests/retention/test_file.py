"""docs/retention.toml: each column of each table has its policy, and what it says can be."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from activation.models import ActivationCode
from entity_portal import retention
from entity_portal.retention import OURS, WrongPolicy, policies
from services.oidc.queries import LASTS
from staff.models.session import ABSOLUTE
from staff.queries import SETTING_UP

# Foreign keys to tables with rows that go, from tables that say nothing of it, and why nothing is left dangling.
NEVER_LEFT = {
    ("accounts_registertask", "raised_by_id"): "imports are cancelled, never deleted",
    ("accounts_registerline", "register_import_id"): "the same",
    ("accounts_registerproblem", "register_import_id"): "the same",
    ("accounts_registermove", "register_import_id"): "the same",
    ("accounts_registerimport", "compared_with_id"): "the same",
    ("applications_power", "application_id"): "only of approved applications, which are never deleted",
    ("oidc_accesstoken", "source_refresh_token_id"): "of the same sign-in",
    ("oidc_refreshtoken", "access_token_id"): "of the same sign-in",
}


def asked(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def columns() -> dict[str, set[str]]:
    """Of all tables of the schema, whoever made them."""
    found: dict[str, set[str]] = {}
    for table, column in asked(
        "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'f') "
        "AND attnum > 0 AND NOT attisdropped"
    ):
        found.setdefault(table, set()).add(column)
    return found


@pytest.mark.django_db
def test_every_column_of_every_table_has_a_policy_ASVS_14_1_2() -> None:
    schema = columns()
    assert schema.keys() - policies().keys() == set(), "say in docs/retention.toml what becomes of it"
    assert policies().keys() - schema.keys() == set(), "no such table"
    said = {table: (*policy.personal, *policy.other) for table, policy in policies().items()}
    assert {table: schema[table] - {*said[table]} for table in said if schema[table] - {*said[table]}} == {}
    assert {table: {*said[table]} - schema[table] for table in said if {*said[table]} - schema[table]} == {}
    assert [table for table, each in said.items() if len(each) != len({*each})] == [], "a column is said twice"


def test_every_table_says_what_for_and_what_becomes_of_it_ASVS_14_2_4() -> None:
    for table, policy in policies().items():
        assert policy.purpose.strip(), table
        assert policy.rules or policy.keep or policy.passing or policy.goes_with, f"{table}: for how long?"
        for rule in policy.rules:
            assert rule.blank.keys() <= {*policy.personal, *policy.other}, rule
            assert not (rule.blank and rule.operation), rule
        if any(rule.blank for rule in policy.rules):
            assert policy.keep, f"{table}: why does the rest stay?"
        if policy.goes_with:
            parent, column = policy.goes_with
            assert parent in policies(), table
            assert column in policy.other, table


def test_every_period_is_used_and_says_whose_it_is() -> None:
    assert {rule.after for rule in retention.rules()} == {*retention.periods()}
    for period in retention.periods().values():
        assert period.why, period
        assert period.length > timedelta(0), period
        assert period.ground in (OURS, "portal", "Q25"), "a law or a rule of the guide? then name it here too"


@pytest.mark.django_db
def test_nothing_is_left_that_points_to_a_row_that_goes() -> None:
    """Keys that the database itself empties or follows aside."""
    going = {rule.table for rule in retention.rules() if not rule.blank and not rule.operation}
    going |= {policy.table for policy in policies().values() if policy.goes_with}
    left = []
    for child, column, parent in asked(
        "SELECT conrelid::regclass::text, attname, confrelid::regclass::text FROM pg_constraint "
        "JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f' AND confdeltype = 'a'"
    ):
        policy = policies()[child]
        said = policy.goes_with == (parent, column) or policy.lets_go.get(column) == parent
        if parent in going and not said and (child, column) not in NEVER_LEFT:
            left.append((child, column, parent))
    assert left == []


def test_no_rule_takes_a_line_of_the_history_or_a_login_away_S3_10_Q25() -> None:
    assert policies()["audit_event"].rules == ()
    operations = {rule.operation for rule in policies()["staff_stafflogin"].rules if not rule.blank}
    assert operations == {"staff.operations.depart_with_entity"}
    names = {"euid", "username", "name_zh", "name_foreign", "status", "departed_at"}
    assert not any(names & rule.blank.keys() for rule in policies()["staff_stafflogin"].rules)


# --- periods ---


def test_periods_that_follow_from_the_portal_are_as_long_as_it_needs() -> None:
    assert retention.period("over") >= SETTING_UP
    assert retention.period("sign_in_at_service") == 4 * LASTS
    assert retention.period("sign_in_at_service") > ABSOLUTE
    assert retention.period("codes") > ActivationCode.LIFE
    assert retention.period("codes") > timedelta(days=1), "limits are counted from midnight"
    assert retention.period("texts") > timedelta(days=1), "so are those of texts"


def test_a_period_can_be_set_but_not_below_what_the_database_demands() -> None:
    assert retention.periods({"departed": 3650})["departed"].length == timedelta(days=3650)
    assert retention.periods({"departed": 365})["departed"].length == timedelta(days=365)
    with pytest.raises(WrongPolicy, match="at least 365 days"):
        retention.periods({"departed": 364})
    with pytest.raises(WrongPolicy, match="No such period: nobody"):
        retention.periods({"nobody": 1})


def test_a_set_period_is_the_one_that_counts(settings: object) -> None:
    settings.RETENTION = {"draft": 5}  # type: ignore[attr-defined]
    assert retention.period("draft") == timedelta(days=5)


@pytest.mark.django_db
def test_the_command_names_a_table_that_is_none() -> None:
    with pytest.raises(CommandError, match="no accounts_nothing"):
        call_command("purge", "accounts_nothing")
