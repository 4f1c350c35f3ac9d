"""Addresses of routes in templates, for most of which nothing is resolved per request.

``{% url %}`` of this module is a builtin of Django's templates, in place of Django's tag; the
templates of songs call ``find_address``. A page has some fifty addresses without arguments, and two
to five of a song or a like in each row; resolving them took more time than everything around them.
"""

from functools import lru_cache
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.http import RFC3986_SUBDELIMS

register = template.Library()

_SAMPLE = 7340032
"""An argument that routes of numbers and of texts take, and that occurs in no route."""
_PLAIN = RFC3986_SUBDELIMS + "/~:@"
"""What Django leaves as it is in the path of an address, beside letters and digits."""


class SteadyURLNode(URLNode):
    """The address of a route without arguments or with one, by its place."""

    def render(self, context: Context) -> str:
        arguments = [argument.resolve(context) for argument in self.args]
        try:
            address = find_address(str(self.view_name.var), *arguments)
        except NoReverseMatch:
            if self.asvar is None:
                raise
            address = ""
        if self.asvar is not None:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """Django's ``{% url %}``."""
    node = parse_url(parser, token)
    if len(node.args) > 1 or node.kwargs or not _is_plain_name(node.view_name):
        return node
    return SteadyURLNode(node.view_name, node.args, {}, node.asvar)


def _is_plain_name(name: FilterExpression) -> bool:
    """Return whether it is a name in quotes without a namespace, which depends on the request."""
    return isinstance(name.var, str) and not name.filters and ":" not in name.var


def find_address(name: str, argument: object = None) -> str:
    """Return the address of the route ``name`` as ``reverse`` does, with its argument if any.

    The argument is quoted, but not compared with the route's pattern. Raises ``NoReverseMatch`` for
    an unknown name, and where the argument is empty, missing or too much.
    """
    urlconf, prefix = get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()
    if argument is None:
        return _find_whole(name, urlconf, prefix)
    if argument == "":
        raise NoReverseMatch(f"{name!r} has no address for an empty argument.")
    before, after = _find_sides(name, urlconf, prefix)
    return f"{before}{quote(str(argument), safe=_PLAIN)}{after}"


@lru_cache(maxsize=1024)
def _find_whole(name: str, urlconf: str, prefix: str) -> str:
    return reverse(name, urlconf=urlconf)


@lru_cache(maxsize=1024)
def _find_sides(name: str, urlconf: str, prefix: str) -> tuple[str, str]:
    """Return what stands before and after the one argument of a route."""
    before, _, after = reverse(name, urlconf=urlconf, args=[_SAMPLE]).partition(str(_SAMPLE))
    return before, after
