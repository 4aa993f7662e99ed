"""Templates in which all that is the same at every drawing is drawn once, as they are loaded.

A page asks the catalogue for four hundred sentences and draws a hundred icons and addresses, each time the same.
`Loader` keeps a template for each language, in which they are plain text, joined with the text around them. What a
template draws stays as it is: folded is only what depends on the language and on nothing else.
"""

from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Any, cast

from django.template import Context, Engine, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, TokenType
from django.template.defaulttags import IfNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import IncludeNode, construct_relative_path
from django.template.loaders import cached
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from entity_portal.templatetags.portal import icon

FILES = ("django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader")


class Loader(cached.Loader):
    """Django's cached loader, with a folded template for each language: draw it in the language it was asked for in."""

    def __init__(self, engine: Engine, loaders: Sequence[Any] = FILES) -> None:
        super().__init__(engine, loaders)
        self.folding = RLock()  # nobody draws, or folds too, what another thread is folding: parts would be missing

    def cache_key(self, template_name: str, skip: list[Any] | None = None) -> str:
        return f"{get_language()}-{super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: list[Any] | None = None) -> Template:
        kept = self.get_template_cache.get(self.cache_key(template_name, skip))
        if hasattr(kept, "is_folded"):
            return cast("Template", kept)
        with self.folding:
            template = super().get_template(template_name, skip)
            if not hasattr(template, "is_folded"):
                context = Context()
                with context.bind_template(template):
                    fold(template.nodelist, context)
                template.is_folded = True  # type: ignore[attr-defined]
        return template


class Included(Node):
    """`include` of a template with a fixed name, which is looked up once.

    What is given to it `only` stands on a fresh sheet; Django copies the whole context first, a hundred times a page.
    """

    child_nodelists = ()

    def __init__(self, node: IncludeNode, name: str) -> None:
        self.token, self.origin = node.token, node.origin
        self.name = str(construct_relative_path(str(node.origin.template_name), name))
        self.given, self.alone = node.extra_context, node.isolated_context
        self.template: Template | None = None

    def render(self, context: Context) -> SafeString:
        if self.template is None:  # not before: a template may include itself
            self.template = context.template.engine.get_template(self.name)  # type: ignore[union-attr]
        given = {name: value.resolve(context) for name, value in self.given.items()}
        if self.alone:
            return self.template.render(_fresh(context, given))
        with context.push(**given):
            return self.template.render(context)


def fold(nodes: NodeList, context: Context) -> None:
    """Draw what is the same at every drawing, here and in what stands within, and join it with the text beside it."""
    folded: list[Node] = []
    for node in nodes:
        for within in _within(node):
            fold(within, context)
        text = _text(node, context)
        if text is None:
            folded.append(_included(node) or node)
        elif folded and type(folded[-1]) is TextNode:
            folded[-1] = _drawn(node, folded[-1].s + text)
        else:
            folded.append(_drawn(node, text))
    nodes[:] = folded


def _fresh(context: Context, given: dict[str, Any]) -> Context:
    """`context.new(given)`, which shares what is never changed in place."""
    fresh = object.__new__(type(context))
    fresh.__dict__.update(context.__dict__)
    fresh.__dict__.pop("_processors_index", None)  # a context of its own has nothing of the processors
    fresh._reset_dicts(given)  # type: ignore[attr-defined]
    return fresh


def _drawn(node: Node, text: str) -> TextNode:
    drawn = TextNode(text)
    drawn.token, drawn.origin = node.token, node.origin
    return drawn


def _included(node: Node) -> Included | None:
    if not isinstance(node, IncludeNode) or not _is_fixed(node.template):
        return None
    return Included(node, node.template.resolve(Context()))


def _within(node: Node) -> Iterable[NodeList]:
    """The lists of nodes in a node, but for what is drawn in a language of its own."""
    if isinstance(node, LanguageNode):
        return []
    if isinstance(node, IfNode):
        return [nodes for _condition, nodes in node.conditions_nodelists]
    return [each for each in vars(node).values() if isinstance(each, NodeList)]


def _text(node: Node, context: Context) -> str | None:
    """What a node draws whenever it is asked, or None where that depends on something."""
    match node:
        case TextNode():
            return node.s
        case TranslateNode(asvar=None):
            fixed = _is_fixed(node.filter_expression) and _is_fixed(node.message_context)
        case BlockTranslateNode(asvar=None):
            words = all(each.token_type == TokenType.TEXT for each in node.singular)
            fixed = words and not node.plural and _is_fixed(node.message_context)
        case SimpleNode(target_var=None, func=func) if func is icon:
            fixed = all(map(_is_fixed, node.args))
        case URLNode(asvar=None):
            fixed = all(map(_is_fixed, (node.view_name, *node.args, *node.kwargs.values())))
        case _:
            return None
    try:
        return node.render(context) if fixed else None
    except NoReverseMatch:
        return None  # which is a fault where it is drawn, if it ever is


def _is_fixed(expression: FilterExpression | None) -> bool:
    """A literal without a filter, or nothing."""
    if expression is None:
        return True
    literal = not expression.is_var or expression.var.lookups is None
    return literal and not expression.filters
