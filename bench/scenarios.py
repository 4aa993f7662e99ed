"""What is asked for: pages by name, who asks, and what must stand in the answer.

Addresses stand here and nowhere else: a list that is turned over in another way is mended in one line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bench import data
from bench.browser import Person
from bench.fill import SERVICE
from bench.places import Place

ADMINISTRATOR = Person(data.BIG.number, data.ADMINISTRATOR)
STAFF = Person(data.BIG.number, data.STAFF)
OFFICER = Person(data.AUTHORITY.number, data.OFFICERS[0])
FAR, LINES = 2000, 25  # page of the history, where it has so many; lines of a page
Facts = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A page under load. Its CPU is compared with `yardstick`; of `kind` "list" fewer queries are allowed."""

    name: str
    path: Callable[[Facts], str]
    marker: Callable[[Facts], str]
    who: Person = ADMINISTRATOR
    yardstick: str = "B"
    kind: str = "list"

    @property
    def officer(self) -> bool:
        return self.who is OFFICER


def search(key: str) -> Callable[[Facts], str]:
    return lambda facts: f"/staff/?q={quote(facts[key])}"


def group(code: str) -> Callable[[Facts], str]:
    return lambda _facts: f"/services/{SERVICE}/{code}/edit/"


def stands(text: str) -> Callable[[Facts], str]:
    return lambda _facts: text


def named(key: str) -> Callable[[Facts], str]:
    return lambda facts: facts[key]


BIRTH_DATE = stands('name="birth_date')
PAGES = {
    page.name: page
    for page in (
        Page("staff_list", lambda _: "/staff/", stands('class="table staff"')),
        Page("staff_list_last", lambda _: "/staff/?page=99999", stands('rel="prev"')),
        Page("person", lambda facts: f"/staff/{facts['active']}/", named("active"), yardstick="E", kind=""),
        Page("edit", lambda facts: f"/staff/{facts['pending']}/edit/", BIRTH_DATE, yardstick="E", kind=""),
        Page("search_one", search("one"), stands('class="table staff"')),
        Page("search_two", search("two"), stands('class="table staff"')),
        Page("search_word", search("word"), stands('class="table staff"')),
        Page("search_none", search("none"), stands("Nobody matches")),
        Page("two_lists_full", group(data.FULL_GROUP[1]), stands('type="checkbox"'), kind=""),
        Page("two_lists", group("operators"), stands('type="checkbox"'), kind=""),
        Page("history", lambda _: "/history/", stands("</table>")),
        Page("history_far", lambda facts: f"/history/?after={facts['far']}", stands('rel="prev"')),
        Page(
            "officers_search",
            lambda facts: f"/admin/accounts/entity/?q={quote(facts['entity'])}",
            stands("</table>"),
            who=OFFICER,
        ),
        Page("home", lambda _: "/", stands("</main>"), kind=""),
        Page("services", lambda _: "/services/", stands(f"/services/{SERVICE}/"), kind=""),
    )
}  # fmt: skip


PEOPLE = "FROM staff_stafflogin AS s JOIN accounts_entity AS e ON e.id = s.entity_id AND e.number = %(number)s WHERE"
ORDINARY = "NOT s.is_administrator AND s.username IS DISTINCT FROM 'bench.staff' AND s.locked_at IS NULL"
SINGLE = {
    "far": f"""SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || id
        FROM audit_event WHERE entity_number = %(number)s ORDER BY at DESC, id DESC LIMIT 1 OFFSET (
            SELECT least({FAR * LINES}, count(*) - {LINES}) FROM audit_event WHERE entity_number = %(number)s)""",
    "logins": "SELECT count(*) FROM staff_stafflogin",
    "id": f"SELECT s.id {PEOPLE} s.username = %(administrator)s",
    "entity_id": "SELECT id FROM accounts_entity WHERE number = %(number)s",
    "active": f"SELECT s.euid {PEOPLE} s.status = 'active' AND {ORDINARY} ORDER BY s.euid LIMIT 1",
    "pending": f"SELECT s.euid {PEOPLE} s.status = 'pending' ORDER BY s.euid LIMIT 1",
    "one": f"SELECT left(s.name_zh, 1) {PEOPLE} s.name_zh <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    "two": f"SELECT right(s.name_zh, 2) {PEOPLE} char_length(s.name_zh) = 3 ORDER BY s.euid LIMIT 1",
    "word": f"SELECT split_part(s.name_foreign, ' ', 2) {PEOPLE} s.name_foreign LIKE '%% %%' ORDER BY s.euid LIMIT 1",
    "entity": "SELECT left(name_zh, 2) FROM accounts_entity WHERE name_zh <> '' ORDER BY id DESC LIMIT 1",
    "key": "SELECT d.key FROM otp_totp_totpdevice AS d JOIN staff_stafflogin AS s ON s.id = d.user_id"
    " JOIN accounts_entity AS e ON e.id = s.entity_id WHERE e.number = %(authority)s AND s.username = %(officer)s",
}
# Who can come in by a password alone, without anything to agree to first.
USERNAMES = f"""
    SELECT s.username {PEOPLE} s.status = 'active' AND {ORDINARY} AND s.username IS NOT NULL AND s.failed_attempts = 0
        AND NOT EXISTS (SELECT FROM otp_totp_totpdevice WHERE user_id = s.id)
        AND EXISTS (SELECT FROM activation_termsacceptance WHERE login_id = s.id)
    ORDER BY s.id DESC LIMIT 400
"""
MEMBERS = """
    SELECT s.username FROM services_assignment AS a JOIN staff_stafflogin AS s ON s.id = a.login_id
        JOIN accounts_entity AS e ON e.id = s.entity_id JOIN services_servicegroup AS g ON g.id = a.group_id
        JOIN services_eservice AS v ON v.id = g.service_id
    WHERE a.ended_at IS NULL AND a.valid_from IS NULL AND a.valid_until IS NULL AND v.code = %(service)s
        AND g.code = %(group)s AND e.number = %(number)s AND s.username = ANY(%(usernames)s) ORDER BY s.id LIMIT 4
"""


def facts(place: Place) -> Facts:
    """What the addresses name: people, words that are found and one that is not.

    `{"far", "logins", "id", "entity_id", "active", "pending", "one", "two", "word", "none", "entity", "key", "members",
    "usernames"}`
    """
    asked: dict[str, Any] = {
        "number": ADMINISTRATOR.entity,
        "administrator": ADMINISTRATOR.username,
        "authority": OFFICER.entity,
        "officer": OFFICER.username,
        "service": SERVICE,
        "group": data.FULL_GROUP[1],
    }
    with place.connect() as connection:

        def column(query: str) -> list[Any]:
            return [value for (value,) in connection.execute(query, asked)]

        found: Facts = {name: (column(query) or [None])[0] for name, query in SINGLE.items()}
        found["none"] = "龘"
        found["usernames"] = asked["usernames"] = column(USERNAMES)
        found["members"] = column(MEMBERS)
    missing = [name for name, value in found.items() if not value]
    assert not missing, f"bench_data lacks {missing}"
    return found
