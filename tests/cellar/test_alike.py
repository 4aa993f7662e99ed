"""`{% alike … %}`: what rows with the same values have alike is drawn once in a page, and in that page only."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.utils import translation
from django.utils.html import format_html

BUILTINS = ["entity_portal.templatetags.portal", "django.templatetags.i18n"]
ROWS = "{% for row in rows %}{% alike row.status row.locked %}[{{ row.status }}{{ row.locked }}{{ nth }}]{% endalike %}"
STAFF = [{"status": status, "locked": locked} for status, locked in (("a", 0), ("b", 0), ("a", 0), ("a", 5), ("b", 0))]


def nth() -> Callable[[], int]:
    """What says in a page how often it was drawn: 1, 2, 3."""
    numbers = count(1)
    return lambda: next(numbers)


def drawn(source: str, included: str = "", **context: Any) -> str:
    loader: Any = ("django.template.loaders.locmem.Loader", {"page": source, "row": included})
    engine = Engine(loaders=[("entity_portal.folding.Loader", [loader])], builtins=BUILTINS)
    return engine.get_template("page").render(Context({"nth": nth(), **context}))


def test_the_same_values_are_drawn_once_and_others_for_themselves() -> None:
    assert drawn(ROWS + "{% endfor %}", rows=STAFF) == "[a01][b02][a01][a53][b02]"


def test_it_is_what_is_drawn_without_the_tag() -> None:
    within = "<td>{% if row.locked %}{% translate 'Locked' %}{% endif %}{{ row.status }}{% include 'row' %}</td>"
    each = "{% for row in rows %}{% with more=1 %}START" + within + "END{% endwith %}{% endfor %}"
    tagged = each.replace("START", "{% alike row.status row.locked %}").replace("END", "{% endalike %}")
    expected = drawn(each.replace("START", "").replace("END", ""), "({{ row.status|upper }}{{ more }})", rows=STAFF)
    assert drawn(tagged, "({{ row.status|upper }}{{ more }})", rows=STAFF) == expected


def test_with_filters_without_values_and_of_what_is_not_there() -> None:
    assert drawn(
        "{% for x in rows %}{% alike x|upper %}{{ x|upper }}{{ nth }}{% endalike %}{% endfor %}", rows="aAb"
    ) == ("A1A1B2")
    assert drawn("{% for x in rows %}{% alike %}{{ nth }}{% endalike %}{% endfor %}", rows="abc") == "111"
    assert drawn("{% for x in rows %}{% alike x.y %}{{ nth }}{% endalike %}{% endfor %}", rows="abc") == "111"


def test_two_places_of_a_page_have_nothing_to_do_with_each_other() -> None:
    places = "{% alike x %}first{{ x }}{% endalike %} {% alike x %}second{{ x }}{% endalike %}"
    assert drawn("{% for x in rows %}" + places + ";{% endfor %}", rows="aa") == "firsta seconda;firsta seconda;"


@pytest.mark.parametrize("only", ["", " only"])
def test_rows_that_are_templates_of_their_own_share_it_too(only: str) -> None:
    """`nth` is given to them, as nothing else is there."""
    page = "{% for row in rows %}{% include 'row' with x=row.status nth=nth" + only + " %}{% endfor %}"
    numbers = nth()
    assert drawn(page, "{% alike x %}{{ x }}{{ nth.next }}{% endalike %}", rows=STAFF, nth={"next": numbers}) == (
        "a1b2a1a1b2"
    )


def test_one_within_another_is_drawn_for_its_own_values() -> None:
    within = "{% alike row.status %}{{ row.status }}{{ nth }}{% alike row.locked %}<{{ row.locked }}>{% endalike %}"
    assert drawn("{% for row in rows %}" + within + "{% endalike %}{% endfor %}", rows=STAFF[:2]) == "a1<0>b2<0>"


def test_nothing_is_left_for_the_next_page() -> None:
    """The same template, for somebody else and in another language."""
    loader: Any = ("django.template.loaders.locmem.Loader", {"page": "{% alike x %}{{ x }}{{ whose }}{% endalike %}"})
    template = Engine(loaders=[loader], builtins=BUILTINS).get_template("page")
    assert [template.render(Context({"x": 1, "whose": whose})) for whose in ("mine", "yours")] == ["1mine", "1yours"]


def test_each_language_has_its_own_words() -> None:
    page, found = "{% for x in rows %}{% alike x %}{% translate 'Locked' %} {% endalike %}{% endfor %}", []
    for language in ("en", "pt", "zh-hant", "en"):
        with translation.override(language):
            found.append(drawn(page, rows="aa"))
    assert found[0] == found[3] == "Locked Locked "
    assert len(set(found)) == 3


def test_values_that_only_python_takes_for_the_same_are_not() -> None:
    page = "{% for x in rows %}{% alike x %}{{ x }};{% endalike %}{% endfor %}"
    assert drawn(page, rows=[1, True, 1.0]) == "1;True;1.0;"
    assert drawn(page, rows=[format_html("<{}>", "b"), "<b>"]) == "<b>;&lt;b&gt;;", "what is no HTML is escaped"


def test_the_end_must_be_said() -> None:
    with pytest.raises(TemplateSyntaxError, match="endalike"):
        drawn("{% alike x %}")
