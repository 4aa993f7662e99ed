"""The hot statements of pages go by the index that is meant for them, with 1,000 logins and with 10,000.

Among 1,000 it is cheapest to read a table from end to end, so PostgreSQL is asked what it does where it may not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from bench.queries import GROWING
from tests.plans.conftest import Plans

SMALL, LARGE = 1_000, 10_000
KEY = ("staff_session_pkey", "staff_session_session_key_f4c8c19c_like")
RANKED = 'ORDER BY "staff_stafflogin"."rank"'
ADMINISTRATORS = '"staff_stafflogin"."rank" = %s'
FOUND = '"spelled"::text LIKE'
NEWEST_FIRST = 'ORDER BY "audit_event"."at" DESC'
BY_FOREIGN_NAME = 'ORDER BY "staff_stafflogin"."name_foreign_key"'


@dataclass(frozen=True)
class Hot:
    """The statements of a page with `words` in them use one of `indexes`; `small` fits as well in a small database."""

    page: str
    words: str
    indexes: tuple[str, ...]
    small: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.page}-{self.indexes[0]}"


HOT = [
    # Every page: the session, whose it is, with the entity and what is unread.
    Hot("staff_list", 'FROM "staff_session"', KEY),
    Hot("staff_list", "messaging_notification", ("messaging_notification_one_unread_line",)),
    Hot("staff_list", 'FROM "staff_headcount"', ("staff_headcount_entity_id_d6246aeb",)),
    Hot("staff_list", RANKED, ("staff_by_rank",)),
    Hot("staff_list_last", RANKED, ("staff_by_rank",)),
    Hot("pending", RANKED, ("staff_by_entity_and_status", "staff_by_rank")),
    Hot("search_one", FOUND, ("staff_by_words",)),
    Hot("search_two", FOUND, ("staff_by_words",)),
    Hot("search_word", FOUND, ("staff_by_words",)),
    Hot("search_none", FOUND, ("staff_by_words",)),
    Hot("history", NEWEST_FIRST, ("audit_event_by_time",), small=("audit_event_newest",)),
    Hot("history", "count(*)", ("audit_event_by_time",)),
    Hot("history_far", NEWEST_FIRST, ("audit_event_by_time",), small=("audit_event_newest",)),
    Hot("history_search", FOUND, ("staff_by_words",)),
    Hot("history_search", '"audit_event"."actor" = ANY', ("audit_event_by_actor",)),
    Hot("history_search", '"audit_event"."target" = ANY', ("audit_event_by_target",)),
    Hot("person", '"staff_stafflogin"."euid" = %s', ("staff_stafflogin_euid_key",)),
    Hot("person", 'FROM "activation_activationcode"', ("activation_code_by_login",)),
    Hot("person", 'SELECT "services_assignment"."id"', ("services_assignment_login_id_98dedd94",)),
    Hot("person", 'FROM "audit_event"', ("audit_event_of_target",)),
    Hot("edit", '"staff_stafflogin"."euid" = %s', ("staff_stafflogin_euid_key",)),
    Hot("home", 'FROM "activation_activationcode"', ("activation_activationcode_one_open_per_login",)),
    Hot("home", 'FROM "staff_headcount"', ("staff_locked",)),
    Hot("home", 'FROM "services_opening"', ("services_membercount_once",)),
    Hot("home", 'SELECT "services_assignment"."id"', ("services_assignment_login_id_98dedd94",)),
    Hot("home_of_staff", ADMINISTRATORS, ("staff_by_rank",)),
    Hot("entity", ADMINISTRATORS, ("staff_by_rank",)),
    Hot("account", 'SELECT "services_assignment"."id"', ("services_assignment_login_id_98dedd94",)),
    Hot("inbox", 'FROM "messaging_notification" WHERE', ("messaging_notification_inbox",)),
    Hot("group", BY_FOREIGN_NAME, ("services_assignment_members",)),
    Hot("two_lists", BY_FOREIGN_NAME, ("staff_by_foreign_name", "services_assignment_unique_while_it_lasts")),
    Hot("powers", 'AS "present" FROM', ("staff_by_foreign_name", "staff_by_rank")),
    Hot("sign_in", '"staff_stafflogin"."username" = %s', ("staff_username_unique_in_entity",)),
    Hot("sign_in", 'FROM "activation_termsacceptance"', ("activation_termsacceptance_once",)),
    Hot("activation", '"staff_stafflogin"."document_index" IN (%s)', ("staff_one_present_login_per_person",)),
    Hot("activation", 'FROM "activation_activationcode"', ("activation_code_by_login",)),
]  # fmt: skip
PAGES = [
    *product(sorted({hot.page for hot in HOT} | {"services", "service"}), (SMALL, LARGE)),
    ("officers_search", SMALL),  # of 1,000 entities, as many as 10,000 logins have, reading them all is right
]


def taken(statement: dict[str, Any], logins: int) -> dict[str, list[str]]:
    """The plan that is judged."""
    plan: dict[str, list[str]] = statement["usual" if logins == LARGE else "forced"]
    return plan


@pytest.mark.parametrize("logins", [SMALL, LARGE])
@pytest.mark.parametrize("hot", HOT, ids=str)
def test_a_hot_statement_goes_by_its_index(plans: Callable[[int], Plans], hot: Hot, logins: int) -> None:
    found = [each for each in plans(logins)[hot.page] if hot.words in each["sql"]]
    assert found, f"{hot.page} asks nothing with {hot.words}"
    fits = {*hot.indexes, *(hot.small if logins == SMALL else ())}
    for statement in found:
        used = taken(statement, logins)["indexes"]
        assert fits & {*used}, f"{used} in {statement['sql']}"


@pytest.mark.parametrize(("name", "logins"), PAGES)
def test_no_page_reads_a_table_that_grows_from_end_to_end(
    plans: Callable[[int], Plans], name: str, logins: int
) -> None:
    read = {
        table: statement["sql"]
        for statement in plans(logins)[name]
        for table in {*GROWING} & {*taken(statement, logins)["scans"]}
    }
    assert not read
