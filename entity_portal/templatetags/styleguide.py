"""A component shown more than once on one page: `{% specimen state scheme %}`, for /styleguide/ alone."""

import re

from django.template import Context, Library, Node
from django.template.base import FilterExpression, Parser, Token

register = Library()

SCRIPTS = re.compile(r"<script\b.*?</script>", re.DOTALL)
TAKES_FOCUS = re.compile(r"\sautofocus(?=[\s>])")
SENDS = re.compile(r'<input type="hidden" name="csrf[^>]*>|(?<=\s)(?:method|action|data-hx-[\w-]+)="[^"]*"')
# Attributes that name an id, or a group of radio buttons.
NAMES = re.compile(
    r'(?<=\s)(id|for|name|list|form|aria-labelledby|aria-describedby|aria-controls)="([^"]*)"|(?<=\s)href="#([^"]+)"'
)
LABELLED_BY = re.compile(r'(?<=\s)aria-labelledby="([^"]*)"')
LANDMARK = re.compile(r'(<(?:nav|section)\b[^>]*\saria-label=")([^"]*)"')
SEARCH = re.compile(r'role="search"')


class Specimen(Node):
    def __init__(self, state: FilterExpression, scheme: FilterExpression) -> None:
        self.state, self.scheme = state, scheme

    def render(self, context: Context) -> str:
        """The component as its template draws it. Its ids are its own, it sends nothing, it takes no focus.

        A region is also named after its caption, `<key>-<scheme>`: a page cannot have two regions of one name.
        """
        state, scheme = self.state.resolve(context), self.scheme.resolve(context)
        template = context.template.engine.get_template(state.template)  # type: ignore[union-attr]
        with context.push(**state.context):
            html = template.render(context)
        return apart(html, f"{state.key}-{scheme}", shown=state.shown)


def apart(html: str, key: str, *, shown: bool = False) -> str:
    html = TAKES_FOCUS.sub("", SENDS.sub("", SCRIPTS.sub("", html)))
    if shown:  # what a script would show
        html = re.sub(r"\shidden(?=[\s>])", "", html)
    there = set(re.findall(r'\sid="([^"]*)"', html))  # what leads elsewhere leads to the caption

    def own(found: re.Match[str]) -> str:
        if found[3]:
            return f'href="#{key}-{found[3]}"' if found[3] in there else f'href="#{key}"'
        if found[1] == "form" and found[2] not in there:
            return ""  # the form is a component of its own
        return f'{found[1]}="{" ".join(f"{key}-{each}" for each in found[2].split())}"'

    html = NAMES.sub(own, html)
    html = LABELLED_BY.sub(rf'aria-labelledby="\1 {key}"', html)
    html = SEARCH.sub(rf'role="search" aria-labelledby="{key}"', html)
    return LANDMARK.sub(rf'\1\2 ({key})"', html)


@register.tag
def specimen(parser: Parser, token: Token) -> Specimen:
    _tag, state, scheme = token.split_contents()
    return Specimen(parser.compile_filter(state), parser.compile_filter(scheme))
