"""The lists of Django admin as cards: on a phone each cell says of itself what the head of its column says."""

import re
from html import unescape

import pytest

from entity_portal.roles import Role
from tests.cast import Cast, officer

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
