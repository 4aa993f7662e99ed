"""Jobs of the worker: what a page noted without looking whether it belongs to someone (A13, A15)."""

from datetime import date
from uuid import UUID

from procrastinate.contrib.django import app

from staff import operations


@app.task(queue="door", name="staff.send_reset_code")
def send_reset_code(entity_number: str, username: str, birth_date: str, request: str) -> None:
    operations.send_reset_code(
        entity_number=entity_number,
        username=username,
        birth_date=date.fromisoformat(birth_date),
        request=UUID(request),
    )


@app.task(queue="door", name="staff.remind_username")
def remind_username(entity_number: str, document_type: str, document_number: str, birth_date: str) -> None:
    operations.remind_username(
        entity_number=entity_number,
        document_type=document_type,
        document_number=document_number,
        birth_date=date.fromisoformat(birth_date),
    )
