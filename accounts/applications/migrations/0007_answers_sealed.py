"""Document numbers in the answers of applications are encrypted, in one transaction, with the portal stopped.

The plain ones stay in the files of the table until whoever migrates writes it anew, as with `accounts.0010`.
"""

import json
from typing import Any

from django.db import migrations

from entity_portal.sealed import SealedJSONField

A_TIME = 1_000
KEPT = {"purpose": "applications.document_number", "names": {"document_number": "document_index"}}
TRIGGER = "TRIGGER applications_keep_facts"  # what was submitted stays; here only its spelling changes


def seal_all(apps: Any, schema_editor: Any) -> None:
    closed, last = SealedJSONField(**KEPT).closed, 0  # type: ignore[arg-type]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE applications_application DISABLE {TRIGGER}")
        while True:
            cursor.execute(
                "SELECT id, answers::text FROM applications_application WHERE id > %s AND answers <> '{}'"
                " ORDER BY id LIMIT %s",
                [last, A_TIME],
            )
            rows = cursor.fetchall()
            if not rows:
                break
            cursor.execute(
                "UPDATE applications_application AS row SET answers = new.data"
                " FROM unnest(%s::bigint[], %s::jsonb[]) AS new (id, data) WHERE row.id = new.id",
                [[pk for pk, _ in rows], [json.dumps(closed(json.loads(kept))) for _, kept in rows]],
            )
            last = rows[-1][0]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE applications_application ENABLE {TRIGGER}")


SQL = r"""
ALTER TABLE applications_application ADD CONSTRAINT applications_no_plain_document_number
    CHECK (answers::text !~ '"document_number": (?!"[0-9a-f]{8}\.[A-Za-z0-9_-]{39,}"|""|null)');
"""
RULE = r"""
CREATE OR REPLACE FUNCTION applications_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- the table is accounts.applications.models.NEXT_STATES
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'submitted'), ('draft', 'withdrawn'),
        ('submitted', 'asked'), ('submitted', 'approved'), ('submitted', 'refused'), ('submitted', 'withdrawn'),
        ('asked', 'answered'), ('asked', 'refused'), ('asked', 'withdrawn'),
        ('answered', 'asked'), ('answered', 'approved'), ('answered', 'refused'), ('answered', 'withdrawn'))
    THEN
        RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_state_moves_on';
    END IF;
    IF (NEW.number, NEW.kind, NEW.channel, NEW.created_at) IS DISTINCT FROM
        (OLD.number, OLD.kind, OLD.channel, OLD.created_at)
        OR (OLD.entered_by_id IS NOT NULL AND NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id)
        OR (OLD.submitted_at IS NOT NULL AND NEW.submitted_at IS DISTINCT FROM OLD.submitted_at)
        OR (OLD.entity_id IS NOT NULL AND NEW.entity_id IS DISTINCT FROM OLD.entity_id)
    THEN
        RAISE EXCEPTION 'number, kind and origin of an application stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_origin_stays';
    END IF;
    IF OLD.state NOT IN ('draft', 'asked') AND (
        (NEW.login_id, NEW.registration_number, NEW.mobile) IS DISTINCT FROM
        (OLD.login_id, OLD.registration_number, OLD.mobile)
        OR NEW.answers <> OLD.answers AND NOT entity_portal_resealed(OLD.answers, NEW.answers))
    THEN
        RAISE EXCEPTION 'what was submitted stays, until more is asked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_answers_stay';
    END IF;
    IF (NEW.proof, NEW.proven_at) IS DISTINCT FROM (OLD.proof, OLD.proven_at)
        AND NOT (NEW.state = 'approved' AND OLD.state <> 'approved')
    THEN
        RAISE EXCEPTION 'consent is proven in the approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_proof_with_approval';
    END IF;
    IF NEW.kind = 'correction' AND OLD.state = 'draft' AND NEW.state = 'submitted'
        AND NOT EXISTS (SELECT 1 FROM applications_document WHERE application_id = NEW.id)
    THEN
        RAISE EXCEPTION 'a correction comes with evidence'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_correction_has_evidence';
    END IF;
    IF OLD.state IN ('approved', 'refused', 'withdrawn') AND
        (NEW.decided_at, NEW.decided_by_id, NEW.at_once) IS DISTINCT FROM
        (OLD.decided_at, OLD.decided_by_id, OLD.at_once)
    THEN
        RAISE EXCEPTION 'a decision stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_decision_stays';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("applications", "0006_identity_sealed"),
        ("staff", "0020_document_only_sealed"),
    )

    operations = (
        migrations.RunPython(seal_all),
        migrations.AlterField("application", "answers", SealedJSONField(default=dict, **KEPT)),  # type: ignore[arg-type]
        migrations.RunSQL(SQL),
        migrations.RunSQL(RULE),
    )
