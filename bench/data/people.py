"""Who is there: entities of very different sizes, their people, and who works with which e-service.

Everything follows from the seed and the two numbers. Time goes in steps, in each of which one login is opened, in an
order that mixes the entities: so the rows of one entity lie scattered, as they do where a portal has grown.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from math import gcd
from random import Random

from bench import data as known
from bench.data import catalogue, names
from bench.data.names import Name
from entity_portal.text import check_digit

BEGINS, ENDS = datetime(2023, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
BIG, SMALL, AUTHORITY = range(3)  # entities by their place
SMALL_SIZE, AUTHORITY_SIZE = 5, 6
FEWEST = 100  # logins: below that there is no skew
BIG_ONES = 5  # entities of the largest size, where that is a tenth of all
MEMBERS = (1, 2, 2, 3, 3, 3, 4, 4, 5)  # groups of a login, three on average
PENDING, ACTIVE, DEPARTED = "pending", "active", "departed"


class TooFew(Exception):
    """There are not logins enough for that many entities."""


def sizes(entities: int, logins: int) -> list[int]:
    """How many people each entity has: the known ones, the other big ones, then by Zipf's law; most have one to five.

    Raises:
        TooFew
    """
    biggest = min(known.LARGEST, logins // 5)
    bigs = max(1, min(BIG_ONES, logins // 10 // biggest)) if biggest else 0
    fixed = [biggest, SMALL_SIZE, AUTHORITY_SIZE] + [biggest] * (bigs - 1)
    left, ranks = logins - sum(fixed), entities - len(fixed)
    if logins < FEWEST or ranks < 1 or left < ranks:
        raise TooFew
    cap = biggest // 2

    def by_rank(scale: int) -> list[int]:
        """Of those with more than one."""
        return [min(cap, scale // rank) for rank in range(1, min(ranks, scale // 2) + 1)]

    low, high = 1, left * 2
    while high - low > 1:
        middle = (low + high) // 2
        several = by_rank(middle)
        low, high = (middle, high) if sum(several) + ranks - len(several) <= left else (low, middle)
    tail = by_rank(low)
    tail += [1] * (ranks - len(tail))
    missing = left - sum(tail)
    while missing:  # what rounding has lost, one for each but those that are large enough
        for rank in range(len(tail)):
            if missing and (tail[rank] < cap or len(tail) == 1):
                tail[rank] += 1
                missing -= 1
    return fixed + tail


class Scatter:
    """Different numbers below `below` in an order that looks like none."""

    def __init__(self, random: Random, below: int) -> None:
        self.below, self.first = below, random.randrange(below)
        self.step = next(step for _ in count() if gcd(step := random.randrange(below // 3, below), below) == 1)

    def __call__(self, place: int) -> int:
        return (self.first + place * self.step) % self.below


@dataclass(slots=True)
class House:
    """An entity and, as it is filled, the places of its logins."""

    key: int
    number: str
    size: int
    kind: str
    status: str
    name_zh: str
    name_pt: str
    registration_number: str | None
    representative: Name
    document: str
    mobile: str
    openings: tuple[int, ...]  # keys of e-services
    number_was: str = ""
    logins: list[int] = field(default_factory=list)  # places in the world's lists; the first is the administrator


@dataclass(slots=True)
class Login:
    """A login; `opened`, `activated` and `left` are steps."""

    key: int
    euid: str
    house: House
    nth: int  # in its entity
    name: Name
    username: str  # "" until it is activated
    document: str
    mobile: str
    status: str
    is_administrator: bool
    assigns: bool
    opened: int
    activated: int | None
    left: int | None
    locked: bool
    groups: tuple[int, ...]
    label: str  # as `str()` of a login says


class World:
    """Everybody, in the order in which they came."""

    def __init__(self, *, entities: int, logins: int, seed: int) -> None:
        self.seed = seed
        self.lag = max(1, logins // 1000)  # steps from a login's opening to its activation
        self.steps = logins + 4 * self.lag
        self.pace = (ENDS - BEGINS) / self.steps
        self.stamps = [self.at(step).isoformat() for step in range(self.steps)]  # the moment of each step, as written
        self.three_days = int(timedelta(days=3) / self.pace) + 1  # in steps
        random = self.random("names")
        self.names = names.pool(random, logins)
        self.houses = self._houses(sizes(entities, logins))
        self.logins = self._logins()
        self.members: Counter[tuple[int, int, int]] = Counter()  # (house, e-service, group or 0), `rows.assignments`
        self.departures: dict[int, list[Login]] = {}
        for login in self.logins:
            if login.left is not None:
                self.departures.setdefault(login.left, []).append(login)

    def random(self, what: str) -> Random:
        """Chance of its own for each purpose: one more draw here changes nothing there."""
        return Random(f"{self.seed}/{what}")

    def at(self, step: float) -> datetime:
        return BEGINS + timedelta(seconds=int(step * self.pace.total_seconds()))

    def later(self, step: int) -> str:
        """Three days after, when a code sent then is worth nothing any more; as written."""
        late = step + self.three_days
        return self.stamps[late] if late < self.steps else self.at(late).isoformat()

    def _houses(self, sizes: list[int]) -> list[House]:
        random = self.random("houses")
        numbers = self._numbers(random)
        tail = sizes[AUTHORITY + 1 :]
        random.shuffle(tail)
        documents, mobiles = Scatter(random, 90_000_000), Scatter(random, 10_000_000)
        houses: list[House] = []
        for place, size in enumerate(sizes[: AUTHORITY + 1] + tail):
            kind, zh, pt = _kind(random)
            one, two = random.sample(names.GIVEN, 2)
            named = f"{one[0]}{two[0]}", f"{one[1:].title()} {two[1:].title()}"
            registered = kind not in {"entrepreneur", "organisation"}
            house = House(
                key=place + 1,
                number=next(numbers),
                size=size,
                kind=kind,
                status=_drawn(random, (("suspended", 0.02), ("closed", 0.01)), "active"),
                name_zh=zh.format(named[0]),
                name_pt=pt.format(named[1]),
                registration_number=f"{10_000 + place}{' SO' if kind == 'company' else ''}" if registered else None,
                representative=random.choice(self.names),
                document=str(10_000_000 + documents(place)),
                mobile=f"+8536{mobiles(place):07d}",
                openings=_openings(random, 60 if place == BIG else min(60, 2 + int(2 * random.random() * size**0.35))),
                number_was=next(numbers) if place > AUTHORITY and random.random() < 0.005 else "",
            )
            houses.append(house)
        for place, number in enumerate((known.BIG, known.SMALL, known.AUTHORITY)):
            houses[place].number, houses[place].status = number.number, "active"
        houses[AUTHORITY].kind = "authority"
        houses[AUTHORITY].name_zh, houses[AUTHORITY].name_pt = "行政公職局", "SAFP"
        houses[BIG].openings = (1, *(key for key in houses[BIG].openings if key != 1))
        return houses

    def _numbers(self, random: Random) -> Iterator[str]:
        taken = {each.number for each in (known.BIG, known.SMALL, known.AUTHORITY)}
        scatter = Scatter(random, 9_000_000)
        for place in count():
            digits = str(1_000_000 + scatter(place))
            number = digits + check_digit(digits)
            if number not in taken:
                yield number

    def _logins(self) -> list[Login]:
        random = self.random("logins")
        order = [house for house in self.houses for _ in range(house.size)]
        random.shuffle(order)
        euids = Scatter(random, 1_000_000_000)
        documents, mobiles = Scatter(random, 90_000_000), Scatter(random, 10_000_000)
        people, chance = self.names, random.random
        logins: list[Login] = []
        for place, house in enumerate(order):
            nth = len(house.logins)
            is_administrator, assigns = _powers(house, nth)
            status = self._status(random, house, nth, place, is_administrator or assigns)
            name = people[int(chance() * len(people))]
            activated = None if status == PENDING else place + self.lag
            left = None
            if status == DEPARTED:
                left = place + 3 * self.lag + int(chance() * (self.steps - place - 3 * self.lag))
                activated = activated if chance() < 0.97 else None  # a few left before they came in
            digits = f"{euids(place):09d}"
            euid = f"CU{digits}{check_digit(digits)}"
            username = _username(house, nth, name) if activated is not None else ""
            login = Login(
                key=place + 1,
                euid=euid,
                house=house,
                nth=nth,
                name=name,
                username=username,
                document=str(10_000_000 + documents(place)),
                mobile=f"+8536{mobiles(place):07d}",
                status=status,
                is_administrator=is_administrator,
                assigns=assigns,
                opened=place,
                activated=activated,
                left=left,
                locked=status == ACTIVE and house.key > AUTHORITY + 1 and chance() < 0.01,
                groups=_groups(random, house),
                label=f"{name.zh or name.foreign} ({username or euid})",
            )
            house.logins.append(place)
            logins.append(login)
        return logins

    def _status(self, random: Random, house: House, nth: int, place: int, has_power: bool) -> str:
        chance = random.random()
        if has_power or house.key == AUTHORITY + 1 or (nth < 3 and house.key <= AUTHORITY + 1):
            # A few entities have just been opened and nobody has come in yet.
            return PENDING if nth == 0 and house.key > AUTHORITY + 1 and chance < 0.03 else ACTIVE
        if chance < 0.09:
            return PENDING
        return DEPARTED if chance < 0.19 else ACTIVE


def _drawn(random: Random, shares: tuple[tuple[str, float], ...], otherwise: str) -> str:
    chance = random.random()
    for what, share in shares:
        if chance < share:
            return what
        chance -= share
    return otherwise


KINDS = (
    ("company", 0.72, "{}有限公司", "{}, Limitada"),
    ("entrepreneur", 0.12, "{}商號", "Estabelecimento {}"),
    ("association", 0.1, "{}協會", "Associação {}"),
    ("building", 0.03, "{}大廈管理機關", "Administração do Edifício {}"),
    ("foundation", 0.01, "{}基金會", "Fundação {}"),
    ("other_legal_person", 0.01, "{}中心", "Centro {}"),
    ("organisation", 0.01, "{}同學會", "Grupo {}"),
)
TRADES = (
    ("", ""),
    ("貿易", " Comércio"),
    ("餐飲", " Restauração"),
    ("建築工程", " Construção"),
    ("旅遊", " Turismo"),
    ("投資", " Investimento"),
    ("物業", " Imobiliária"),
    ("科技", " Tecnologia"),
)


def _kind(random: Random) -> tuple[str, str, str]:
    """(kind, name in Chinese, name in Portuguese), the names with a place for the entity's own."""
    chosen = _drawn(random, tuple((kind, share) for kind, share, _zh, _pt in KINDS), "company")
    (zh, pt) = next((zh, pt) for kind, _share, zh, pt in KINDS if kind == chosen)
    trade_zh, trade_pt = random.choice(TRADES) if chosen == "company" else ("", "")
    return chosen, zh.format("{}" + trade_zh), pt.format("{}" + trade_pt)


def _openings(random: Random, wanted: int) -> tuple[int, ...]:
    """Keys of e-services, the first in the catalogue more often than the last."""
    found: dict[int, None] = {}
    while len(found) < wanted:
        found[int(len(catalogue.SERVICES) * random.random() ** 1.5) + 1] = None
    return tuple(found)


def _powers(house: House, nth: int) -> tuple[bool, bool]:
    """(administrator, service administrator)"""
    administrator = nth == 0 or (nth == 3 and house.size >= 20) or (nth == 4 and house.size >= 200)
    if house.key == AUTHORITY + 1:
        return nth == 0, False
    assigns = (nth == 1 and house.size >= 8) or 5 <= nth < 5 + min(40, house.size // 50)
    if house.key == BIG + 1 and nth == 1:
        assigns = True
    return administrator, assigns and not administrator


def _username(house: House, nth: int, name: Name) -> str:
    """Of the known logins as `bench.data` says; else the name, and a number that makes it the entity's only one."""
    told = {
        BIG + 1: (known.ADMINISTRATOR, known.ASSIGNER, known.STAFF),
        SMALL + 1: (known.ADMINISTRATOR, known.STAFF),
        AUTHORITY + 1: (known.ADMINISTRATOR, *known.OFFICERS),
    }.get(house.key, ())
    if nth < len(told):
        return told[nth]
    return f"{name.slug}.{nth}" if nth else name.slug


def _groups(random: Random, house: House) -> tuple[int, ...]:
    """Keys of the groups of a login, some of each entity's more often; in BIG nearly everybody is in one."""
    groups = catalogue.GROUPS
    full, empty = 1, len(groups)  # the first group of the first e-service, and its last
    chance, openings = random.random, house.openings
    wanted = MEMBERS[int(chance() * len(MEMBERS))]
    found: dict[int, None] = {}
    if house.key == BIG + 1 and chance() < 0.95:
        found[full] = None
    room = len(openings) * len(groups)
    while len(found) < wanted:
        drawn = int(room * chance() ** 1.5)
        group = (openings[drawn // len(groups)] - 1) * len(groups) + drawn % len(groups) + 1
        if house.key != BIG + 1 or group not in {full, empty}:
            found[group] = None
    return tuple(found)
