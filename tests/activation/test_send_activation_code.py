"""`manage.py send_activation_code`: the first administrator is never stranded."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from activation.models import ActivationCode
from staff.models import Status
from tests import cast
from tests.cast import Cast


def test_the_first_administrator_gets_another_code_once_a_minute_Q15(db: None) -> None:
    with transaction.atomic():
        entity = cast.entity()
        first = cast.login(entity=entity, status=Status.PENDING, is_administrator=True)
    call_command("send_activation_code", first.euid)
    assert ActivationCode.objects.filter(login=first).count() == 1
    with pytest.raises(CommandError, match="one code a minute"):
        call_command("send_activation_code", first.euid)


def test_an_entity_with_an_active_administrator_sends_its_own_codes_S9_8(company: Cast) -> None:
    for login in (company.pending, company.administrator):
        with pytest.raises(CommandError):
            call_command("send_activation_code", login.euid)
    assert not ActivationCode.objects.exists()
