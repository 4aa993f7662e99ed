"""A database to measure on, of up to millions of logins: `manage.py bench_data` fills it, the same for the same seed.

`people` says who is there and `rows` what stands in each table, as lines for COPY; `history` chains the events,
`filling` brings all of it in, and `rules` asks afterwards whether the rules of the database hold. This file names who
can come in; it needs nothing of the portal.
"""

from dataclasses import dataclass

SEED = 1
PASSWORD = "Macau2026Bench"  # of every login here
LARGEST = 20_000  # people in one entity, where there are that many


@dataclass(frozen=True)
class Known:
    """An entity that is there at every size, by its number; usernames of it stand below."""

    number: str


BIG = Known("70000014")  # a fifth of all logins, 20,000 at most
SMALL = Known("70000022")  # five people
AUTHORITY = Known("70000039")  # keeps the portal; officers need the code that `entity_portal.demo.authenticator` shows

ADMINISTRATOR = "bench.admin"  # of each of the three
ASSIGNER = "bench.assigner"  # a service administrator, in BIG
STAFF = "bench.staff"  # in BIG and SMALL
OFFICERS = ("bench.registrar", "bench.approver", "bench.catalogue", "bench.auditor")  # named after their roles

FULL_GROUP = ("service-001", "administrators")  # nearly everybody of BIG is in it
EMPTY_GROUP = ("service-001", "viewers")  # nobody of BIG is
