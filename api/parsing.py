"""From text to syntax tree, giving up as soon as the text asks for too much."""

from graphql import DirectiveNode, DocumentNode, FieldNode, GraphQLSyntaxError
from graphql.language.parser import Parser

from .errors import Refusal, syntax_refused
from .limits import Limits, exceeded


def parse(text: str, limits: Limits) -> DocumentNode:
    """Return the syntax tree of `text`. Raises `Refusal`, soon, whatever the text is."""
    is_too_long = len(text) > limits.query_characters
    try:
        # Of a text that is too long, the beginning may tell a reason that helps more.
        tree = _LimitedParser(text[: limits.query_characters], limits).parse_document()
    except RecursionError:
        # The parser stops at a nesting no limit on depth would allow.
        raise exceeded("Nested fields", limits.depth, reason="TOO_DEEP") from None
    except GraphQLSyntaxError as error:
        if not is_too_long:
            raise _refusal_of(error, limits) from None
    if is_too_long:
        raise _too_large("characters", limits.query_characters)
    return tree


class _LimitedParser(Parser):
    """Counts while it parses: twenty thousand aliases cost no more than the first hundred."""

    def __init__(self, text: str, limits: Limits) -> None:
        super().__init__(text, max_lexical_tokens=limits.tokens, max_comments=limits.comments)
        self._limits = limits
        self._aliases = self._directives = 0

    def parse_field(self) -> FieldNode:
        node = super().parse_field()
        self._aliases += node.alias is not None
        if self._aliases > self._limits.aliases:
            raise exceeded("Aliases", self._limits.aliases, reason="TOO_MANY_ALIASES")
        return node

    def parse_directive(self, is_const: bool) -> DirectiveNode:
        self._directives += 1
        if self._directives > self._limits.directives:
            raise exceeded("Directives", self._limits.directives, reason="TOO_MANY_DIRECTIVES")
        return super().parse_directive(is_const)


def _refusal_of(error: GraphQLSyntaxError, limits: Limits) -> Refusal:
    if error.description.endswith("tokens. Parsing aborted."):
        return _too_large("tokens", limits.tokens)
    if error.description.endswith("comments. Parsing aborted."):
        return _too_large("comments", limits.comments)
    return syntax_refused(error)


def _too_large(what: str, limit: int) -> Refusal:
    return exceeded(f"Query text in {what}", limit, reason="QUERY_TOO_LARGE")
