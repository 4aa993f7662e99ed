"""Activation as a stranger tries it (A14, A33); the other rows stand in tests/activation."""

import pytest
from django.core.cache import caches
from django.db import connections
from django.test.utils import CaptureQueriesContext

from activation.operations import send_code
from entity_portal.audit.models import Event
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Purpose
from tests.attacks.test_door import kinds
from tests.cast import Cast, enter

START = "/activate/"


def typed(house: Cast, **changes: str) -> dict[str, str]:
    question = Challenge.ask("picture")
    data = {
        "entity_number": house.entity.number,
        "document_type": house.pending.document_type,
        "document_number": house.pending.document_number,
        "birth_date": "1990-01-01",
        "code": "AAAAAAA2",
        "agree": "on",
    }
    return data | {"human_0": question.key, "human_1": question.task} | changes


def test_every_mismatch_costs_the_same_work_A14(company: Cast, other: Cast) -> None:
    send_code(login=company.pending, by=company.administrator)
    changes: dict[str, dict[str, str]] = {
        "wrong code": {},
        "wrong birth date": {"birth_date": "1991-01-01"},
        "unknown entity": {"entity_number": "99999999"},
        "another entity": {"entity_number": other.entity.number},
        "unknown person": {"document_number": "87654321"},
        "wrong type": {"document_type": "passport"},
        "activated already": {"document_number": company.staff.document_number},
        "departed": {"document_number": company.departed.document_number},
        "no code sent": {"entity_number": other.entity.number, "document_number": other.pending.document_number},
    }
    work = {}
    for why, change in changes.items():
        caches["counters"].clear()
        data = typed(company, **change)
        with CaptureQueriesContext(connections["default"]) as made:
            assert enter().post(START, data).status_code == 200
        work[why] = kinds(made)
    assert len(set(map(str, work.values()))) == 1, work
    assert Event.objects.filter(action="code.refused").count() == len(changes), "each is one line of history"


@pytest.mark.parametrize("missing", ["human_0", "human_1"])
def test_without_the_answer_or_its_question_nothing_is_looked_at_A33(company: Cast, missing: str) -> None:
    send_code(login=company.pending, by=company.administrator)
    code = SMS.objects.get(purpose=Purpose.ACTIVATION).body.partition("#code=")[2][:8]
    data = typed(company, code=code)
    del data[missing]
    page = enter().post(START, data)
    assert page.context["form"].errors["human"]
    assert enter().get("/activate/credentials/").status_code == 302
    assert company.pending.activation_codes.get().tries == 0


def test_the_answer_to_a_question_that_another_browser_was_asked_is_refused_A33(company: Cast) -> None:
    send_code(login=company.pending, by=company.administrator)
    code = SMS.objects.get(purpose=Purpose.ACTIVATION).body.partition("#code=")[2][:8]
    theirs, mine = enter(), enter()
    theirs.get(START)
    question = Challenge.objects.get()
    assert question.browser
    mine.get(START)
    data = typed(company, code=code) | {"human_0": question.key, "human_1": question.task}
    assert mine.post(START, data).context["form"].errors["human"]
    assert theirs.post(START, data).headers["Location"] == "/activate/credentials/", "nor was it used up"
    another = theirs.post("/human-check/", {"kind": "sum"}).json()["key"]
    assert Challenge.objects.get(key=another).browser == question.browser
