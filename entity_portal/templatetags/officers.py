"""What the officers' lists need besides Django admin's own tags."""

from django.template import Context, Library, Node
from django.template.base import FilterExpression, Parser, Token
from django.utils.html import escape

register = Library()

ROLES = {"td": "cell", "th": "rowheader"}


class Cells(Node):
    def __init__(self, cells: FilterExpression, heads: FilterExpression) -> None:
        self.cells, self.heads = cells, heads

    def render(self, context: Context) -> str:
        """The cells of a line as `result_list` draws them, each with its role and, in `data-label`, its column's name.

        On a phone a line is a card: it has no head of a column above it, and browsers no longer see a table in it.
        """
        return "".join(
            labelled(cell, str(head["text"]))
            for cell, head in zip(self.cells.resolve(context), self.heads.resolve(context), strict=True)
        )


def labelled(cell: str, label: str) -> str:
    tag = "th" if cell.startswith("<th") else "td"
    told = f'role="{ROLES[tag]}" data-label="{escape(label[:1].upper() + label[1:])}"'
    return cell.replace(f"<{tag}", f"<{tag} {told}", 1)


@register.tag
def cells(parser: Parser, token: Token) -> Cells:
    """`{% cells result result_headers %}`"""
    _tag, result, heads = token.split_contents()
    return Cells(parser.compile_filter(result), parser.compile_filter(heads))
