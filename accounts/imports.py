"""The way of a file into the register: read, compared, brought in. Each step is one transaction, whole or not at all.

The worker does them (`accounts.tasks`), and a command all at once. A step that is done twice does something once: who
comes second waits for the first and finds the import in another state. How far a step has come is written on a
connection of its own, since nobody sees into a transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone, translation

from accounts import register
from accounts.models import (
    DOCUMENT,
    REGISTER_FIELDS,
    REPRESENTATIVE_FIELDS,
    Entity,
    EntityStatus,
    Fate,
    ImportState,
    LegalRepresentative,
    RegisterEntry,
    RegisterImport,
    RegisterLine,
    RegisterMove,
    RegisterProblem,
    RegisterTask,
    TaskKind,
)
from entity_portal import rotation
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.data_keys import every, writing_key
from entity_portal.documents import MACAO_RESIDENT_IDS
from entity_portal.ratelimit import ALIAS
from entity_portal.sealed import seal

AT_ONCE = 2_000  # lines between two words on how far it has come
PROBLEMS_KEPT = 1_000  # of a file; nobody corrects more by hand
READING = 7_301_003  # key of the lock at which two who read the same file meet

ENTRY, LINE, TASK, ENTITY, REPRESENTATIVE = (
    model._meta.db_table for model in (RegisterEntry, RegisterLine, RegisterTask, Entity, LegalRepresentative)
)
NUMBER, INDEX = "representative_document_number", "representative_document_index"
STORED = (*REGISTER_FIELDS, INDEX)
# What is compared: of the number its index, as the same number is never encrypted to the same text.
COMPARED = tuple(INDEX if field == NUMBER else field for field in REGISTER_FIELDS)
REPRESENTATIVE_COMPARED = tuple(INDEX if field == NUMBER else field for field in REPRESENTATIVE_FIELDS)
STAGED, COLUMNS = "register_staged", ", ".join(STORED)
Tell = Callable[[int], object]


# --- steps of the worker ---


@transaction.atomic
def read(pk: int) -> None:
    """Judge every line of an uploaded file: it waits for confirmation then, or is refused because of what is wrong."""
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", [READING, pk])
    uploaded = RegisterImport.objects.filter(pk=pk, state=ImportState.UPLOADED)
    content = uploaded.values_list("content", flat=True).first()
    if content is None:
        return
    problems: list[register.Problem] = []
    bad, tell = 0, _teller(pk)

    def good() -> Iterator[tuple[int, Mapping[str, Any]]]:
        nonlocal bad
        for count, judged in enumerate(register.judge(bytes(content)), 1):
            if judged.problems:
                bad += 1
                problems.extend(judged.problems[: PROBLEMS_KEPT - len(problems)])
            elif not bad:
                yield judged.line, judged.data
            if count % AT_ONCE == 0:
                tell(count)

    stage(good())
    hold_register()
    held = RegisterImport.objects.lock(pk)
    if held.state != ImportState.UPLOADED:  # cancelled meanwhile
        transaction.set_rollback(True)
    elif bad:
        RegisterProblem.objects.bulk_create(_kept(held, problem) for problem in problems)
        held.move(ImportState.REFUSED, bad=bad)
    else:
        compare(held)


@transaction.atomic
def apply(pk: int) -> None:
    """Bring a confirmed file in, or compare it anew if the register has changed since it was looked at."""
    hold_register()
    confirmed = RegisterImport.objects.filter(pk=pk, state=ImportState.CONFIRMED).defer("content").first()
    if confirmed is None:
        return
    if confirmed.compared_with_id == _last_change():
        bring_in(confirmed, _teller(pk))
    else:
        held = RegisterImport.objects.lock(pk)
        restage(pk)
        compare(held)


@transaction.atomic
def give_up(pk: int) -> None:
    """Say that a step failed for good; nothing of it has been done."""
    held = RegisterImport.objects.lock(pk)
    if held.is_working:
        held.lines.all().delete()
        held.move(ImportState.FAILED)


def cancel(keys: Iterable[int]) -> int:
    """Cancel these imports, which nobody has confirmed for long, unless somebody does now; return how many."""
    cancelled = 0
    for pk in keys:
        with transaction.atomic():
            held = RegisterImport.objects.lock(pk)
            if held.state == ImportState.READ:
                held.move(ImportState.CANCELLED)
                cancelled += 1
    return cancelled


# --- what they are made of, each inside the caller's transaction ---


def hold_register() -> None:
    """Until the transaction ends, nobody else brings lines in or compares with them; reading goes on."""
    _execute(f"LOCK TABLE {ENTRY} IN SHARE ROW EXCLUSIVE MODE")


def stage(lines: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Put lines, each with its number in the file, where `compare` finds them, until the transaction ends."""
    _make_staged("FALSE")
    copied = f"COPY {STAGED} (line, {COLUMNS}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        for line, data in lines:
            kept = sealed(data)
            copy.write_row((line, *(kept[field] for field in STORED)))


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """A line as it is kept: its document number encrypted, and the index of that."""
    number, key = data[NUMBER], writing_key()
    return {**data, NUMBER: seal(number, DOCUMENT, key), INDEX: key.index(number, DOCUMENT)}


def restage(pk: int) -> None:
    """Take the lines of an import back to where `compare` finds them. The caller holds the import."""
    _agree_on_a_key()
    _make_staged("register_import_id = %s AND line IS NOT NULL", [pk])
    _execute(f"DELETE FROM {LINE} WHERE register_import_id = %s", [pk])


def compare(held: RegisterImport) -> None:
    """Say of every staged line what would become of it, and which lines would be gone: the preview.

    The caller holds the register and the import.
    """
    _agree_on_a_key()
    # What is known of these tables is from before the lines came: for one line, loops are cheapest.
    _execute("SET LOCAL enable_nestloop = off")
    _execute(
        f"INSERT INTO {LINE} (register_import_id, line, fate, was, {COLUMNS})"
        f" SELECT %s, line, now.fate, CASE WHEN now.fate = %s THEN to_jsonb(entry) END, {_columns('each')}"
        f" FROM {STAGED} AS each LEFT JOIN {ENTRY} AS entry USING (registration_number),"
        " LATERAL (SELECT CASE"
        "   WHEN entry.id IS NULL THEN %s"
        f"  WHEN entry.gone_at IS NULL AND {_row('entry')} IS NOT DISTINCT FROM {_row('each')} THEN %s"
        "   ELSE %s END AS fate) AS now",
        [held.pk, Fate.CHANGED, Fate.NEW, Fate.UNCHANGED, Fate.CHANGED],
    )
    if held.whole:
        _execute(
            f"INSERT INTO {LINE} (register_import_id, fate, {COLUMNS})"
            f" SELECT %s, %s, {COLUMNS} FROM {ENTRY} AS entry WHERE gone_at IS NULL AND NOT EXISTS ("
            f"   SELECT 1 FROM {STAGED} AS each WHERE each.registration_number = entry.registration_number"
            ")",
            [held.pk, Fate.GONE],
        )
    _execute("SET LOCAL enable_nestloop = on")
    counts = dict(held.lines.values_list("fate").annotate(Count("pk")))
    held.move(
        ImportState.READ,
        preview=held.preview + 1,
        compared_with_id=_last_change(),
        **{fate.value: counts.get(fate, 0) for fate in Fate},
    )


def bring_in(confirmed: RegisterImport, tell: Tell) -> None:
    """Do what the preview says, raise tasks for officers, and record it. The caller holds the register."""
    _agree_on_a_key()
    now = timezone.now()
    from_line = ", ".join(f"{field} = line.{field}" for field in STORED)
    _raise_tasks(confirmed, now)
    last = confirmed.lines.order_by("-line").filter(line__isnull=False).values_list("line", flat=True).first() or 0
    for start in range(0, last + 1, AT_ONCE):
        some = [confirmed.pk, start, start + AT_ONCE]
        _execute(
            f"INSERT INTO {ENTRY} ({COLUMNS}, imported_at) SELECT {COLUMNS}, %s FROM {LINE}"
            " WHERE fate = %s AND register_import_id = %s AND line >= %s AND line < %s",
            [now, Fate.NEW, *some],
        )
        _execute(
            f"UPDATE {ENTRY} AS entry"
            f" SET {from_line}, imported_at = %s, gone_at = NULL"
            f" FROM {LINE} AS line WHERE line.registration_number = entry.registration_number"
            " AND fate = %s AND register_import_id = %s AND line >= %s AND line < %s",
            [now, Fate.CHANGED, *some],
        )
        tell(min(start + AT_ONCE, last))
    gone = confirmed.lines.filter(fate=Fate.GONE).values("registration_number")
    RegisterEntry.objects.current().filter(registration_number__in=gone).update(gone_at=now, imported_at=now)
    confirmed.lines.filter(fate=Fate.UNCHANGED).delete()
    held = RegisterImport.objects.lock(confirmed.pk)
    by = held.moves.filter(state=ImportState.CONFIRMED).latest("pk")
    held.move(ImportState.DONE)
    record(
        Action.REGISTER_IMPORTED,
        entity="",
        actor=by if by.euid else None,
        target=str(held.pk),
        **{fate.value: getattr(held, fate) for fate in Fate},
    )


def _raise_tasks(confirmed: RegisterImport, now: Any) -> None:
    """For entities that are open here; a task that is open already is told the newest, and stays as old as it is."""
    insert = (
        f"INSERT INTO {TASK}"
        " (raised_by_id, raised_at, kind, entity_id, old, new, outcome, note, done_by, done_by_label)"
    )
    open_here = f"FROM {LINE} AS line JOIN {ENTITY} AS entity USING (registration_number)"
    fits = "WHERE register_import_id = %s AND fate = %s AND entity.status <> %s"
    told = (
        "ORDER BY entity.id ON CONFLICT (entity_id, kind) WHERE done_at IS NULL"
        " DO UPDATE SET raised_by_id = excluded.raised_by_id, new = excluded.new"
    )
    _execute(
        f"{insert} SELECT %s, %s, %s, entity.id, {_object('entry')}, {_object('line')}, '', '', '', '' {open_here}"
        f" JOIN {ENTRY} AS entry USING (registration_number) {fits}"
        f" AND {_row('entry', REPRESENTATIVE_COMPARED)} IS DISTINCT FROM {_row('line', REPRESENTATIVE_COMPARED)}"
        f" AND NOT EXISTS (SELECT 1 FROM {REPRESENTATIVE} AS known WHERE known.entity_id = entity.id"
        "   AND known.name_zh = line.representative_name_zh AND known.name_foreign = line.representative_name_foreign"
        f"  AND known.document_index = line.{INDEX}"
        "   AND known.mobile = line.representative_mobile"
        f"  AND known.holds_macao_resident_id = (line.representative_document_type = ANY(%s))) {told}",
        [
            *(confirmed.pk, now, TaskKind.REPRESENTATIVE_CHANGED),
            *(confirmed.pk, Fate.CHANGED, EntityStatus.CLOSED),
            [str(document_type) for document_type in MACAO_RESIDENT_IDS],
        ],
    )
    _execute(
        f"{insert} SELECT %s, %s, %s, entity.id, '{{}}', '{{}}', '', '', '', '' {open_here} {fits} {told}",
        [confirmed.pk, now, TaskKind.ENTITY_GONE, confirmed.pk, Fate.GONE, EntityStatus.CLOSED],
    )


def _agree_on_a_key() -> None:
    """While keys are changed: the same number is to have the same index in all that is compared."""
    if len(every()) > 1:
        rotation.rotate(writing_key(), tables={ENTRY, LINE, TASK, REPRESENTATIVE}, waits=True)


def _last_change() -> int | None:
    """The import that changed the register last."""
    changes = RegisterMove.objects.filter(state=ImportState.DONE)
    changes = changes.exclude(register_import__new=0, register_import__changed=0, register_import__gone=0)
    return changes.order_by("-pk").values_list("register_import_id", flat=True).first()


def _kept(held: RegisterImport, problem: register.Problem) -> RegisterProblem:
    """A problem as it is kept: in English, with only what stands in its places, never a whole cell by accident."""
    with translation.override(None):
        sentence = str(problem.sentence)
    params = {name: value for name, value in problem.params.items() if f"%({name})" in sentence}
    return RegisterProblem(
        register_import=held, line=problem.line, column=problem.column, sentence=sentence, params=params
    )


def _teller(pk: int) -> Tell:
    """Writes down how far a step has come, where a page sees it at once."""
    return lambda count: RegisterImport.objects.using(ALIAS).filter(pk=pk).update(progress=count)


def _make_staged(which: str, params: list[Any] | None = None) -> None:
    """A table of this transaction's own, without index or log, of the lines of which it is true."""
    _execute(f"DROP TABLE IF EXISTS {STAGED}")
    _execute(
        f"CREATE TEMPORARY TABLE {STAGED} ON COMMIT DROP AS SELECT line, {COLUMNS} FROM {LINE} WHERE {which}", params
    )


def _columns(table: str, fields: Iterable[str] = STORED) -> str:
    return ", ".join(f"{table}.{field}" for field in fields)


def _row(table: str, fields: Iterable[str] = COMPARED) -> str:
    return f"ROW({_columns(table, fields)})"


def _object(table: str) -> str:
    pairs = (f"'{field}', {table}.{field}" for field in REPRESENTATIVE_FIELDS)
    return f"jsonb_build_object({', '.join(pairs)})"


def _execute(sql: str, params: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
