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
FAR = 2000  # page of the history
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


PAGES = {
    page.name: page
    for page in (
        Page("staff_list", lambda _: "/staff/", stands('class="table staff"')),
        Page("staff_list_last", lambda _: "/staff/?page=99999", stands('class="table staff"')),
        Page("person", lambda facts: f"/staff/{facts['active']}/", lambda facts: facts["active"], yardstick="E", kind=""),
        Page("edit", lambda facts: f"/staff/{facts['pending']}/edit/", stands('name="document_number"'), yardstick="E", kind=""),
        Page("search_one", search("one"), stands('class="table staff"')),
        Page("search_two", search("two"), stands('class="table staff"')),
        Page("search_word", search("word"), stands('class="table staff"')),
        Page("search_none", search("none"), stands("Nobody matches")),
        Page("two_lists_full", group(data.FULL_GROUP[1]), stands('type="checkbox"'), kind=""),
        Page("two_lists", group("operators"), stands('type="checkbox"'), kind=""),
        Page("history", lambda _: "/history/", stands("</table>")),
        Page("history_far", lambda _: f"/history/?page={FAR}", stands("</table>")),
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


def facts(place: Place) -> Facts:
    """What the addresses name: people, words that are found and one that is not.

    `{"id", "entity_id", "active", "pending", "one", "two", "word", "none", "entity", "key", "members", "usernames"}`
    """
    with place.connect() as connection:

        def one(query: str, **named: Any) -> Any:
            row = connection.execute(query, {"number": data.BIG.number, **named}).fetchone()
            return row[0] if row else None

        here = "FROM staff_stafflogin JOIN accounts_entity e ON e.id = entity_id AND e.number = %(number)s WHERE"
        ordinary = "NOT is_administrator AND username IS DISTINCT FROM 'bench.staff' AND locked_at IS NULL"
        usernames = connection.execute(
            f"SELECT username {here} staff_stafflogin.status = 'active' AND {ordinary} AND username IS NOT NULL"
            " AND failed_attempts = 0 AND staff_stafflogin.id NOT IN (SELECT user_id FROM otp_totp_totpdevice)"
            " AND EXISTS (SELECT FROM activation_termsacceptance WHERE login_id = staff_stafflogin.id)"
            " ORDER BY staff_stafflogin.id DESC LIMIT 400",
            {"number": data.BIG.number},
        ).fetchall()
        found = {
            "members": [
                name
                for (name,) in connection.execute(
                    "SELECT s.username FROM services_assignment a JOIN staff_stafflogin s ON s.id = a.login_id"
                    " JOIN services_servicegroup g ON g.id = a.group_id JOIN services_eservice v ON v.id = g.service_id"
                    " WHERE a.ended_at IS NULL AND a.valid_from IS NULL AND a.valid_until IS NULL"
                    " AND v.code = %s AND g.code = %s AND s.username = ANY(%s) ORDER BY s.id LIMIT 4",
                    (SERVICE, data.FULL_GROUP[1], [name for (name,) in usernames]),
                )
            ],
            "id": one(f"SELECT staff_stafflogin.id {here} username = %(name)s", name=data.ADMINISTRATOR),
            "entity_id": one("SELECT id FROM accounts_entity WHERE number = %(number)s"),
            "active": one(f"SELECT euid {here} staff_stafflogin.status = 'active' AND {ordinary} ORDER BY euid LIMIT 1"),
            "pending": one(f"SELECT euid {here} staff_stafflogin.status = 'pending' ORDER BY euid LIMIT 1"),
            "two": one(f"SELECT right(staff_stafflogin.name_zh, 2) {here} char_length(staff_stafflogin.name_zh) = 3 ORDER BY euid LIMIT 1"),
            "one": one(
                f"SELECT left(staff_stafflogin.name_zh, 1) AS x {here} staff_stafflogin.name_zh <> ''"
                " GROUP BY x ORDER BY count(*) DESC, x LIMIT 1"
            ),
            "word": one(f"SELECT split_part(name_foreign, ' ', 2) {here} name_foreign LIKE '%% %%' ORDER BY euid LIMIT 1"),
            "none": "龘",
            "entity": one("SELECT left(name_zh, 2) FROM accounts_entity WHERE name_zh <> '' ORDER BY id DESC LIMIT 1"),
            "key": one(
                "SELECT key FROM otp_totp_totpdevice d JOIN staff_stafflogin s ON s.id = d.user_id"
                " JOIN accounts_entity e ON e.id = s.entity_id WHERE e.number = %(authority)s AND s.username = %(name)s",
                authority=OFFICER.entity,
                name=OFFICER.username,
            ),
            "usernames": [name for (name,) in usernames],
        }  # fmt: skip
    missing = [name for name, value in found.items() if not value]
    assert not missing, f"bench_data lacks {missing}"
    return found
