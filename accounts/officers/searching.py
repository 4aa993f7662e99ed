"""Entities are found by a number exactly and by any part of a name, in a few milliseconds among as many as there are.

What stands in a few names is found by an index of their characters, one by one and two by two. What stands in many is
soon met where entities are read in their order. A look at the first of them tells which it is; both find the same.
"""

from django.db import connection

from accounts.models import Entity, FormerNumber
from entity_portal.text import alphanumeric

MOST = 250  # entities of a search
FIRST, OFTEN = 200, 10  # of the first so many entities so many: then it stands in many names
ENTITY, FORMER = Entity._meta.db_table, FormerNumber._meta.db_table
NAMED = "(upper(name_zh) LIKE upper(%(part)s) OR upper(name_pt) LIKE upper(%(part)s))"
FIND = f"""
    WITH asked AS MATERIALIZED (
        SELECT count(*) >= %(often)s AS often
        FROM (SELECT name_zh, name_pt FROM {ENTITY} ORDER BY number LIMIT %(first)s) AS first WHERE {NAMED}
    )
    SELECT id FROM (
        (SELECT id, number FROM (SELECT id, number, name_zh, name_pt FROM {ENTITY} ORDER BY number OFFSET 0) AS each
            WHERE (SELECT often FROM asked) AND {NAMED} LIMIT %(most)s + 1)
        UNION
        (SELECT id, number FROM {ENTITY}
            WHERE NOT (SELECT often FROM asked) AND {NAMED}
            AND accounts_grams(upper(name_zh) || E'\\n' || upper(name_pt)) @> ARRAY(
                SELECT gram FROM unnest(accounts_grams(upper(%(term)s))) AS gram
                WHERE char_length(gram) = least(2, char_length(upper(%(term)s))))
            ORDER BY number LIMIT %(most)s + 1)
        UNION SELECT id, number FROM {ENTITY} WHERE number = %(number)s
        UNION SELECT id, number FROM {ENTITY} WHERE upper(registration_number) = upper(%(term)s)
        UNION SELECT id, number FROM {ENTITY}
            WHERE id IN (SELECT entity_id FROM {FORMER} WHERE number = %(number)s)
    ) AS found ORDER BY number LIMIT %(most)s + 1
"""  # noqa: S608  names of tables alone


def entities(term: str) -> list[int]:
    """Keys of the entities that have or had this number, or this registration number, or of whose name it is a part.

    In the order of their numbers; of more than `MOST` the first, and one more.
    """
    part = f"%{connection.ops.prep_for_like_query(term)}%"
    with connection.cursor() as cursor:
        limits = {"most": MOST, "first": FIRST, "often": OFTEN}
        cursor.execute(FIND, {"term": term, "number": alphanumeric(term), "part": part, **limits})
        return [pk for (pk,) in cursor.fetchall()]
