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
PLACES = 4096  # from where people come in
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
ASSIGNED = Action.ASSIGNED.value
WHERE = {
    group: f'{{"group": "{catalogue.code_of(group)}", "service": "{service.code}"}}'
    for service in catalogue.SERVICES
    for group in service.groups
}


def lines(world: World) -> Iterator[str]:
    """Rows of `audit_event` for COPY. What is in `data` is written as the database writes it: short keys first."""
    random = world.random("history")
    chance = random.random
    chains: list[tuple[bytes, str]] = [(b"", "\\N")] * len(world.houses)  # the hash before, and as written
    numbers = [0] * len(world.houses)
    everybody, total, made, moment, within = world.logins, A_LOGIN * len(world.logins), 0, "", 0

    def line(house: House, action: str, target: str, data: str, actor: str = "", label: str = "") -> str:
        nonlocal made, within
        made += 1
        within += 1
        place = house.key - 1
        numbers[place] = seq = numbers[place] + 1
        at = f"{moment}.{within * 997:06d}"
        before, prev = chains[place]
        said = f'[{seq}, "{at}", "{house.number}", "{actor}", "{label}", "{action}", "{target}", {data}]'
        after = sha256(before + said.encode()).digest()
        chains[place] = after, (written := f"\\\\x{after.hex()}")
        return (
            f"{made}\t{house.number}\t{seq}\t{at}+00\t{actor}\t{label}\t{action}\t{target}\t{data}\t{prev}\t{written}\n"
        )

    visits = _visits(chance)
    for step in range(world.steps):
        moment, within = world.stamps[step][:19], 0
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
    told = '{"administrator": true}' if login.is_administrator else '{"administrator": false}'
    yield line(house, Action.LOGIN_CREATED.value, login.euid, told, by.euid, by.label)
    if login.activated is not None or login.status != DEPARTED:
        yield line(house, Action.CODE_SENT.value, login.euid, "{}", by.euid, by.label)
    if login.assigns:
        yield line(house, Action.SERVICE_ADMINISTRATOR_GRANTED.value, login.euid, "{}", by.euid, by.label)


def _assigned(login: Login, everybody: list[Login], line: Line) -> Iterator[str]:
    by = everybody[login.house.logins[0]]
    for group in login.groups:
        yield line(login.house, ASSIGNED, login.euid, WHERE[group], by.euid, by.label)


def _visits(chance: Callable[[], float]) -> Callable[[], tuple[str, str, bool]]:
    """What happens at the door: (action, data, whether the person is known to have done it)."""
    places = [
        f'"agent": "{BROWSERS[place % len(BROWSERS)]}", "address": "10.20.{place >> 8}.{place & 255}"'
        for place in range(PLACES)
    ]
    came_in = [(Action.SIGNED_IN.value, f'{{{where}, "methods": ["pwd"]}}', True) for where in places]
    refused = [
        (Action.SIGN_IN_REFUSED.value, f'{{"why": "wrong password", {where}}}', False)
        for where in places[: PLACES // 8]
    ]
    changed = [(Action.PASSWORD_CHANGED.value, "{}", True)] * (PLACES // 16)
    visits = [*came_in, *refused, *changed]
    many = len(visits)
    return lambda: visits[int(chance() * many)]
