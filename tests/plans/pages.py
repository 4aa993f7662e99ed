"""The hot pages, as people of an entity ask for them that has a fiftieth of all logins, or 200.

A fiftieth has the largest entity of a million, and PostgreSQL plans for a share, not for a number: of the largest of
10,000, which has a fifth, it may well read the whole table.
"""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from django.test import override_settings

from bench.browser import Person
from bench.places import Place
from bench.scenarios import ADMINISTRATOR, OFFICER, PAGES, SINGLE, Page, stands
from entity_portal.sealed import unseal
from staff.models.login import DOCUMENT

ENTITY = """
    SELECT e.number, min(s.username) FILTER (WHERE s.is_administrator AND s.status = 'active')
    FROM accounts_entity AS e JOIN staff_stafflogin AS s ON s.entity_id = e.id WHERE e.status = 'active'
    GROUP BY e.id HAVING bool_or(s.is_administrator AND s.status = 'active') AND bool_or(s.status = 'pending')
        AND bool_or(s.status = 'active' AND NOT s.is_administrator AND s.locked_at IS NULL)
    ORDER BY abs(count(*) - (SELECT greatest(200, count(*) / 50) FROM staff_stafflogin)), e.number LIMIT 1
"""
STAFF = """
    SELECT min(s.username) FROM staff_stafflogin AS s JOIN accounts_entity AS e ON e.id = s.entity_id
    WHERE e.number = %(number)s AND NOT s.is_administrator AND s.status = 'active' AND s.locked_at IS NULL
"""
GROUP = """
    SELECT v.code, g.code FROM services_assignment AS a JOIN accounts_entity AS e ON e.id = a.entity_id
        JOIN services_servicegroup AS g ON g.id = a.group_id JOIN services_eservice AS v ON v.id = g.service_id
        JOIN services_opening AS o ON o.entity_id = e.id AND o.service_id = v.id AND o.status = 'open'
    WHERE e.number = %(number)s AND a.ended_at IS NULL AND g.withdrawn_at IS NULL AND v.withdrawn_at IS NULL
    GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1
"""
PENDING = """
    SELECT s.document_type, s.document_number FROM staff_stafflogin AS s WHERE s.euid = %(pending)s
"""


def number_of(place: Place, sealed: str) -> str:
    with override_settings(DATA_KEYS_DIR=str(place.folder / "data_keys")):
        return unseal(sealed, DOCUMENT)


def asked(place: Place) -> dict[str, dict[str, Any]]:
    """`{name: {"path", "marker", "who", "key", "data"}}`, what `tests.plans.asking` asks for."""
    with place.connect() as connection:

        def one(query: str, **known: Any) -> Any:
            return connection.execute(query, known).fetchone()

        number, administrator = one(ENTITY)
        known = {"number": number, "administrator": administrator}
        known |= {"authority": OFFICER.entity, "officer": OFFICER.username}
        facts = {name: (one(query, **known) or [None])[0] for name, query in SINGLE.items()} | {"none": "龘"}
        (staff,) = one(STAFF, **known)
        service, group = one(GROUP, **known)
        document_type, sealed = one(PENDING, pending=facts["pending"])
    missing = [name for name, value in facts.items() if not value]
    assert not missing, f"an entity of bench_data lacks {missing}"
    at, there, table, ticks = f"/services/{service}/", stands("</main>"), stands("</table>"), stands('type="checkbox"')
    house = [
        *(page for page in PAGES.values() if not page.name.startswith("two_lists")),
        Page("home_of_staff", lambda _: "/", there, who=Person(number, staff)),
        Page("entity", lambda _: "/entity/", there),
        Page("account", lambda _: "/account/", there),
        Page("inbox", lambda _: "/notifications/", there),
        Page("pending", lambda _: "/staff/?status=pending", table),
        Page("history_search", lambda facts: f"/history/?q={quote(facts['two'])}", there),
        Page("service", lambda _: at, there),
        Page("group", lambda _: f"{at}{group}/", table),
        Page("two_lists", lambda _: f"{at}{group}/edit/", ticks),
        Page("powers", lambda _: "/entity/service-admins/", ticks),
    ]
    person = Person(number, administrator)
    got = {
        page.name: {
            "path": page.path(facts),
            "marker": "</main>" if page.name == "services" else page.marker(facts),
            "who": asdict(person if page.who is ADMINISTRATOR else page.who),
            "key": facts["key"] if page.officer else "",
            "data": {},
        }
        for page in house
    }
    identity = {
        "entity_number": number,
        "document_type": document_type,
        "document_number": number_of(place, sealed),
        "birth_date": "1950-01-01",
        "code": "AAAAAAA2",
        "agree": "on",
    }
    return got | {
        "sign_in": {"path": "/login/", "marker": "Location", "data": person.form},
        "activation": {"path": "/activate/", "marker": "do not fit together", "data": identity},
    }
