"""`manage.py demand_new_password`."""

import pytest
from django.core.management import CommandError, call_command

from entity_portal.audit.models import Event
from staff.models import StaffLogin
from tests.cast import Cast


def demanded(person: StaffLogin) -> bool:
    return bool(StaffLogin.objects.get(pk=person.pk).new_password_demanded_at)


def test_the_operator_names_logins_that_must_change_their_password(
    company: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("demand_new_password", company.staff.euid, company.administrator.euid)
    assert demanded(company.staff)
    assert demanded(company.administrator)
    assert "2 will be asked" in capsys.readouterr().out
    assert Event.objects.filter(action="door.new_password_demanded").count() == 2


@pytest.mark.parametrize("who", ["pending", "departed", ""])
def test_one_unknown_name_and_nothing_is_changed(company: Cast, who: str) -> None:
    wrong = getattr(company, who).euid if who else "CU0000000000"
    with pytest.raises(CommandError, match=f"Nothing was changed.*{wrong}"):
        call_command("demand_new_password", company.staff.euid, wrong)
    assert not demanded(company.staff)
