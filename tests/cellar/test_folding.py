"""Folded templates draw what Django's own draw, and ask nothing again that is the same each time."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.template.base import NodeList, TextNode
from django.urls import NoReverseMatch
from django.utils import translation

from entity_portal import folding
from tests.race import at_once

LANGUAGES = ["zh-hant", "pt", "en"]
TEMPLATES = {
    "text": "a {% translate 'Save' %} b {% blocktranslate trimmed %}\n Nothing was changed.\n{% endblocktranslate %}",
    "meaning": "{% translate 'Never' context 'last login' %}/{% translate 'Save' noop %}/{% icon 'lock' %}",
    "address": "<a href=\"{% url 'staff:list' %}\">{% translate 'Staff list' %}</a>",
    "within": "{% if yes %}{% translate 'Save' %}{% else %}{% translate 'Back' %}{% endif %}"
    "{% for each in many %}{% translate 'Back' %}{{ each }}{% empty %}{% translate 'None' %}{% endfor %}"
    "{% with x=1 %}{% translate 'Save' %}{% endwith %}",
    "values": "{% translate word %}{% translate 'Save' as kept %}{{ kept }}{% translate 'Save'|upper %}"
    "{% blocktranslate with names=word|upper %}The activation code did not reach {{ names }}.{% endblocktranslate %}"
    "{% blocktranslate asvar kept %}Nothing was changed.{% endblocktranslate %}{{ kept }}"
    "{% blocktranslate count n=many|length %}{{ n }} person{% plural %}{{ n }} people{% endblocktranslate %}",
    "language": "{% translate 'Save' %}{% language 'pt' %}{% translate 'Save' %}{% include 'text' %}{% endlanguage %}",
    "parent": "{% translate 'Back' %}{% block middle %}{% translate 'Save' %}{% endblock %}{% translate 'Back' %}",
    "child": "{% extends 'parent' %}{% block middle %}{{ block.super }}{% translate 'None' %}{{ word }}{% endblock %}",
    "shown": "[{{ word }} {{ more }} {% translate 'Save' %}{% cycle 'a' 'b' %}]",
    "includes": "{% include 'shown' %}{% include 'shown' with more=many.0 %}{% include 'shown' with more='<' only %}"
    "{% for each in many %}{% include 'shown' with more=each only %}{% endfor %}{% include name %}{{ more }}",
    "tree": "{{ many.0 }}{% if many %}{% include './tree' with many=many.1 only %}{% endif %}",
    "deep/er": "{% include '../text' %}",
    "unfound": "{% if yes %}{% translate 'Save' %}{% else %}{% url 'no-such-place' %}{% endif %}",
}
CONTEXT: dict[str, Any] = {"yes": True, "word": "Save & <more>", "many": ["<1>", ["2", ["3", []]]], "name": "text"}


def engine(folded: bool) -> Engine:
    plain: Any = ("django.template.loaders.locmem.Loader", TEMPLATES)
    options = settings.TEMPLATES[0]["OPTIONS"]
    loader = ("entity_portal.folding.Loader", [plain]) if folded else plain
    return Engine(loaders=[loader], builtins=options["builtins"])


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_folded_template_draws_what_the_template_draws_in_every_language(name: str) -> None:
    plain, folded = engine(False), engine(True)
    drawn = set()
    for _again in range(2):
        for language in LANGUAGES:
            with translation.override(language):
                expected = plain.get_template(name).render(Context(CONTEXT))
                assert folded.get_template(name).render(Context(CONTEXT)) == expected
                drawn.add(expected)
    assert len(drawn) == (1 if name == "tree" else 3), "each language has its own"


@pytest.mark.parametrize(("name", "nodes"), [("text", 1), ("meaning", 1), ("address", 1), ("parent", 3), ("values", 8)])
def test_what_is_the_same_each_time_is_text(name: str, nodes: int) -> None:
    with translation.override("pt"):
        found = engine(True).get_template(name).nodelist
    assert len(found) == nodes
    assert nodes > 3 or isinstance(found[0], TextNode)


def test_within_a_condition_and_a_loop_it_is_text_too() -> None:
    with translation.override("pt"):
        branch, loop, given = engine(True).get_template("within").nodelist
    parts = [*(nodes for _condition, nodes in branch.conditions_nodelists), loop.nodelist_empty, given.nodelist]
    assert all([type(each) for each in nodes] == [TextNode] for nodes in parts)
    assert [type(each) is TextNode for each in loop.nodelist_loop] == [True, False]


def test_an_address_that_does_not_exist_is_a_fault_only_where_it_is_drawn() -> None:
    template = engine(True).get_template("unfound")
    assert template.render(Context({"yes": True}))
    with pytest.raises(NoReverseMatch):
        template.render(Context({"yes": False}))


def test_a_template_given_something_only_knows_nothing_else_and_changes_nothing() -> None:
    context = Context(CONTEXT)
    engine(True).get_template("includes").render(context)
    assert context.flatten() == Context(CONTEXT).flatten()


def test_the_portal_uses_it() -> None:
    assert settings.TEMPLATES[0]["OPTIONS"]["loaders"] == ["entity_portal.folding.Loader"]


def test_a_template_is_folded_by_one_of_those_who_ask_for_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pages of a worker come to several threads: what is being folded is neither drawn nor folded again."""
    fold, folded = folding.fold, []

    def slowly(nodes: NodeList, context: Context) -> None:
        folded.append(nodes)
        time.sleep(0.02)
        fold(nodes, context)

    monkeypatch.setattr(folding, "fold", slowly)
    alone, together = engine(True), engine(True)
    expected = alone.get_template("within").render(Context(CONTEXT))
    times = len(folded)
    drawn = at_once(8, lambda _: together.get_template("within").render(Context(CONTEXT)))
    assert len(folded) == 2 * times
    assert {*drawn} == {expected}
