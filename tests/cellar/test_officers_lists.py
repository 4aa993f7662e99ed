"""The lists of Django admin as cards: on a phone each cell says of itself what the head of its column says."""

import re
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest

from accounts.officers.entity_admin import EntityAdmin
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from tests.cast import Cast, entity, officer
from tests.pages import text_of

LISTS = {
    "/admin/accounts/entity/": Role.REGISTRAR,
    "/admin/staff/administratorlogin/": Role.REGISTRAR,
}


@pytest.mark.parametrize("address", LISTS)
def test_a_cell_is_named_after_its_column_and_a_table_stays_one(company: Cast, address: str) -> None:
    page = officer(LISTS[address]).get(address).content.decode()
    table = re.search(r'<table class="lines cards" role="table">.*?</table>', page, re.DOTALL)
    assert table, address
    head, *lines = re.findall(r'<tr role="row">(.*?)</tr>', table[0], re.DOTALL)
    heads = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r'<th role="columnheader".*?>(.*?)</th>', head)]
    assert lines
    for line in lines:
        cells = re.findall(r'<(?:td role="cell"|th role="rowheader") data-label="([^"]*)"', line)
        assert [unescape(each) for each in cells] == [unescape(each) for each in heads]
        assert len(re.findall(r"<t[dh]\b", line)) == len(heads) > 2


def test_a_status_is_a_tag_and_an_empty_cell_a_dash(company: Cast) -> None:
    sms = SMS.objects.create(to="+85366812207", purpose="activation", body="x")
    for address, role in {**LISTS, "/admin/messaging/sms/": Role.AUDITOR}.items():
        page = officer(role).get(address).content.decode()
        assert '<span class="tag ' in page.partition("<tbody")[2], address
        assert not re.findall(r'<td role="cell"[^>]*>-?</td>', page), address
    assert ">—</td>" in page
    assert (
        '<span class="tag pending">'
        in officer(Role.AUDITOR).get(f"/admin/messaging/sms/{sms.pk}/change/").content.decode()
    )


@pytest.mark.django_db
def test_an_empty_list_blames_no_spelling_where_nothing_was_typed() -> None:
    client, address = officer(Role.AUDITOR), "/admin/services/errand/"
    words = text_of(client.get(address))
    assert "There is nothing here at the moment." in words
    assert "Check the spelling" not in words
    assert "0 " not in words.partition("There is nothing here")[2].partition("Common Access")[0]


def test_a_search_that_finds_nothing_still_says_what_to_try(company: Cast) -> None:
    words = text_of(officer(Role.REGISTRAR).get("/admin/accounts/entity/?q=nothing"))
    assert "Check the spelling" in words


def test_a_list_that_ends_on_its_first_page_is_not_counted(company: Cast, django_assert_num_queries: Any) -> None:
    client, address = officer(Role.REGISTRAR), "/admin/accounts/entity/?q=濠"

    def shown() -> tuple[int, int]:
        """(how many are found, how many of them stand on the page)"""
        found = client.get(address).context["cl"]
        return found.result_count, len(found.result_list)

    shown()
    # The session, the officer, their application and roles; what is found, its rows; the history; today's texts.
    with django_assert_num_queries(7):
        assert shown() == (1, 1)
    for number in range(2):
        entity(name_zh=f"濠{number}", status="suspended")
    with patch.object(EntityAdmin, "list_per_page", 1), django_assert_num_queries(8):
        assert shown() == (3, 1)
