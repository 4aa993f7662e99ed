"""Ten lines of history a login, in the order of time, chained within each entity as the database's trigger would.

The trigger takes a lock and a look at the line before for each; here both are known, so ten million lines take a
minute. `rules` has the database compare.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256

from activation.terms import CURRENT
from bench.data import catalogue
from bench.data.people import DEPARTED, House, Login, World
from entity_portal.audit.actions import Action

A_LOGIN = 10  # lines
COLUMNS = ("id", "entity_number", "seq", "at", "actor", "actor_label", "action", "target", "data", "prev_hash", "hash")
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
    "Safari/605.1.15",
)


def lines(world: World) -> Iterator[str]:
    """Rows of `audit_event` for COPY. What is in `data` is written as the database writes it: short keys first."""
    random = world.random("history")
    chance = random.random
    chains: list[bytes] = [b""] * len(world.houses)
    numbers = [0] * len(world.houses)
    everybody, total, made, moment, within = world.logins, A_LOGIN * len(world.logins), 0, "", 0

    def line(house: House, action: str, target: str, data: str, actor: str = "", label: str = "") -> str:
        nonlocal made, within
        made += 1
        within += 1
        place = house.key - 1
        numbers[place] = seq = numbers[place] + 1
        at = f"{moment}.{within * 997:06d}"
        before = chains[place]
        said = f'[{seq}, "{at}", "{house.number}", "{actor}", "{label}", "{action}", "{target}", {data}]'
        chains[place] = after = sha256(before + said.encode()).digest()
        prev = f"\\\\x{before.hex()}" if before else "\\N"
        return (
            f"{made}\t{house.number}\t{seq}\t{at}+00\t{actor}\t{label}\t{action}\t{target}\t{data}\t"
            f"{prev}\t\\\\x{after.hex()}\n"
        )

    visits = _visits(chance)
    for step in range(world.steps):
        moment, within = world.at(step).strftime("%Y-%m-%dT%H:%M:%S"), 0
        if step < len(everybody):
            yield from _opened(everybody[step], everybody, line)
        if 0 <= (at := step - world.lag) < len(everybody) and (login := everybody[at]).activated is not None:
            told = f'{{"at": "{moment}+00:00", "terms": "{CURRENT} {login.name.language}"}}'
            yield line(login.house, Action.LOGIN_ACTIVATED.value, login.euid, told, login.euid, login.label)
        if 0 <= (at := step - 2 * world.lag) < len(everybody):
            yield from _assigned(everybody[at], everybody, line)
        for login in world.departures.get(step, ()):
            by = everybody[login.house.logins[0]]
            was = "active" if login.username else "pending"
            yield line(login.house, Action.LOGIN_DEPARTED.value, login.euid, f'{{"was": "{was}"}}', by.euid, by.label)
        known = min(step - world.lag, len(everybody))
        due = total * (step + 1) // world.steps
        tries = max(total if step == world.steps - 1 else 4 * (due - made), 0) if known > 0 else 0
        while made < due and tries:
            tries -= 1
            login = everybody[int(chance() * known)]
            if login.activated is not None and (login.left is None or login.left > step):
                action, data, himself = visits()
                if himself:
                    yield line(login.house, action, login.euid, data, login.euid, login.label)
                else:
                    yield line(login.house, action, login.euid, data)


Line = Callable[..., str]


def _opened(login: Login, everybody: list[Login], line: Line) -> Iterator[str]:
    house = login.house
    if login.nth == 0:
        yield line(house, Action.ENTITY_OPENED.value, house.number, "{}")
        yield line(house, Action.LOGIN_CREATED.value, login.euid, '{"administrator": true}')
        yield line(house, Action.CODE_SENT.value, login.euid, "{}")
        for service in house.openings:
            yield line(house, Action.SERVICE_OPENED.value, catalogue.SERVICES[service - 1].code, "{}")
        return
    by = everybody[house.logins[0]]
    told = f'{{"administrator": {"true" if login.is_administrator else "false"}}}'
    yield line(house, Action.LOGIN_CREATED.value, login.euid, told, by.euid, by.label)
    if login.activated is not None or login.status != DEPARTED:
        yield line(house, Action.CODE_SENT.value, login.euid, "{}", by.euid, by.label)
    if login.assigns:
        yield line(house, Action.SERVICE_ADMINISTRATOR_GRANTED.value, login.euid, "{}", by.euid, by.label)


def _assigned(login: Login, everybody: list[Login], line: Line) -> Iterator[str]:
    by = everybody[login.house.logins[0]]
    for group in login.groups:
        where = f'{{"group": "{catalogue.code_of(group)}", "service": "{catalogue.service_of(group).code}"}}'
        yield line(login.house, Action.ASSIGNED.value, login.euid, where, by.euid, by.label)


def _visits(chance: Callable[[], float]) -> Callable[[], tuple[str, str, bool]]:
    """What happens at the door: (action, data, whether the person is known to have done it)."""
    browsers = len(BROWSERS)
    signed_in, refused, changed = (
        each.value for each in (Action.SIGNED_IN, Action.SIGN_IN_REFUSED, Action.PASSWORD_CHANGED)
    )

    def visit() -> tuple[str, str, bool]:
        kind = chance()
        if kind < 0.05:
            return changed, "{}", True
        place = int(chance() * 65536)
        where = f'"agent": "{BROWSERS[place % browsers]}", "address": "10.20.{place >> 8}.{place & 255}"'
        if kind < 0.13:
            return refused, f'{{"why": "wrong password", {where}}}', False
        return signed_in, f'{{{where}, "methods": ["pwd"]}}', True

    return visit
