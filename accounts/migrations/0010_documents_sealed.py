"""Document numbers of representatives and on the register are encrypted, in one transaction, with the portal stopped.

Some ten seconds for a hundred thousand lines. As with any UPDATE, the plain ones stay in the files of the tables, also
after a VACUUM, which frees their place and need not clear it. Nor can this write the tables anew: the rows of before
are dead for everybody only when it is committed, and until then CLUSTER copies them. That is left to whoever migrates
(`docs/operations.md`). Backups and logs of before still have them. There is no way back.
"""

import json
from typing import Any

from django.db import migrations, models

from entity_portal.data_keys import writing_key
from entity_portal.sealed import FORM, IndexField, SealedField, SealedJSONField, seal

A_TIME = 5_000
PURPOSE, PATTERN = "accounts.document_number", r"[A-Z0-9]{4,20}"
SEALED = {"representative_document_number": "representative_document_index"}
TABLES = (
    ("accounts_legalrepresentative", "document_number", "document_index"),
    ("accounts_registerentry", "representative_document_number", "representative_document_index"),
    ("accounts_registerline", "representative_document_number", "representative_document_index"),
)
WITH_JSON = (("accounts_registerline", "was"), ("accounts_registertask", "old"), ("accounts_registertask", "new"))


def seal_all(apps: Any, schema_editor: Any) -> None:
    key, closed = writing_key(), SealedJSONField(purpose=PURPOSE, names=SEALED).closed
    with schema_editor.connection.cursor() as cursor:
        for table, number, index in TABLES:
            for rows in _some(cursor, table, f"{number}"):
                values = [value for _, value in rows]
                cursor.execute(
                    f"UPDATE {table} AS row SET {number} = new.sealed, {index} = new.found_by"  # noqa: S608
                    " FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS new (id, sealed, found_by)"
                    " WHERE row.id = new.id",
                    [
                        [pk for pk, _ in rows],
                        [seal(value, PURPOSE, key) for value in values],
                        [key.index(value, PURPOSE) for value in values],
                    ],
                )
        cursor.execute("ALTER TABLE accounts_registertask DISABLE TRIGGER accounts_registertask_done")
        for table, column in WITH_JSON:
            for rows in _some(cursor, table, f"{column}::text"):
                cursor.execute(
                    f"UPDATE {table} AS row SET {column} = new.data"  # noqa: S608
                    " FROM unnest(%s::bigint[], %s::jsonb[]) AS new (id, data) WHERE row.id = new.id",
                    [[pk for pk, _ in rows], [json.dumps(closed(json.loads(kept))) for _, kept in rows]],
                )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as long as rows wait to be looked at, no table is altered
        cursor.execute("ALTER TABLE accounts_registertask ENABLE TRIGGER accounts_registertask_done")


def _some(cursor: Any, table: str, column: str) -> Any:
    """The rows that have something in a column, some thousands at a time."""
    last = 0
    while True:
        cursor.execute(
            f"SELECT id, {column} FROM {table} WHERE id > %s AND {column} <> '' ORDER BY id LIMIT %s",  # noqa: S608
            [last, A_TIME],
        )
        if not (rows := cursor.fetchall()):
            return
        yield rows
        last = rows[-1][0]


CHECKS = "".join(
    f"""
ALTER TABLE {table} ADD CONSTRAINT {table}_number_sealed CHECK ({number} ~ '{FORM}'),
    ADD CONSTRAINT {table}_index_form CHECK (octet_length({index}) = 16);
"""
    for table, number, index in TABLES
) + "".join(
    # A number in JSON has the form, or is empty.
    f"""
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_sealed CHECK (
    {column}::text !~ '"representative_document_number": (?!"{FORM[1:-1]}"|""|null)');
"""
    for table, column in WITH_JSON
)


# Of a task that is done the key may be changed.
RULE = """
CREATE OR REPLACE FUNCTION accounts_registertask_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{old,new}'::text[] = to_jsonb(OLD) - '{old,new}'::text[]
        AND entity_portal_resealed(OLD.old, NEW.old) AND entity_portal_resealed(OLD.new, NEW.new)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a task that is done stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_registertask_done';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0009_settled_tasks_forgotten"),
        ("entity_portal", "0002_rotating_keys"),
    )

    operations = (
        migrations.RemoveConstraint("legalrepresentative", "accounts_legalrepresentative_once_per_entity"),
        *(
            migrations.AlterField(model, field, SealedField(pattern=PATTERN, purpose=PURPOSE, **more))
            for model, field, more in (
                ("legalrepresentative", "document_number", {}),
                (
                    "registerentry",
                    "representative_document_number",
                    {"verbose_name": "Legal representative: document no."},
                ),
                (
                    "registerline",
                    "representative_document_number",
                    {"verbose_name": "Legal representative: document no."},
                ),
            )
        ),
        *(
            migrations.AddField(model, index, IndexField(null=True, of=number, purpose=PURPOSE))
            for model, number, index in (
                ("legalrepresentative", "document_number", "document_index"),
                ("registerentry", "representative_document_number", "representative_document_index"),
                ("registerline", "representative_document_number", "representative_document_index"),
            )
        ),
        migrations.AlterField(
            "registerline", "was", SealedJSONField(null=True, purpose=PURPOSE, names=SEALED)
        ),
        migrations.AlterField(
            "registertask", "old", SealedJSONField(default=dict, purpose=PURPOSE, names=SEALED)
        ),
        migrations.AlterField(
            "registertask", "new", SealedJSONField(default=dict, purpose=PURPOSE, names=SEALED)
        ),
        migrations.RunPython(seal_all),
        *(
            migrations.AlterField(model, index, IndexField(of=number, purpose=PURPOSE))
            for model, number, index in (
                ("legalrepresentative", "document_number", "document_index"),
                ("registerentry", "representative_document_number", "representative_document_index"),
                ("registerline", "representative_document_number", "representative_document_index"),
            )
        ),
        migrations.AddConstraint(
            "legalrepresentative",
            models.UniqueConstraint(
                fields=["entity", "document_index"], name="accounts_legalrepresentative_once_per_entity"
            ),
        ),
        migrations.RunSQL(CHECKS),
        migrations.RunSQL(RULE),
    )
