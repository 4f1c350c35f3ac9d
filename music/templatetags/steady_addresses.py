"""``{% url %}`` for addresses that are the same on every page, resolved once per process.

It is a builtin of the templates, in place of Django's tag, to which it leaves every address with
arguments. A page has some fifty addresses without, and resolving them took a sixth of its time.
"""

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape

register = template.Library()


class SteadyURLNode(URLNode):
    """The address of a route without arguments, which does not depend on the request."""

    def render(self, context: Context) -> str:
        urlconf = get_urlconf() or settings.ROOT_URLCONF
        try:
            address = _find_address(str(self.view_name.var), urlconf, get_script_prefix())
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
    if node.args or node.kwargs or not _is_plain_name(node.view_name):
        return node
    return SteadyURLNode(node.view_name, [], {}, node.asvar)


def _is_plain_name(name: FilterExpression) -> bool:
    """Return whether it is a name in quotes without a namespace, which depends on the request."""
    return isinstance(name.var, str) and not name.filters and ":" not in name.var


@lru_cache(maxsize=1024)
def _find_address(name: str, urlconf: str, prefix: str) -> str:
    return reverse(name, urlconf=urlconf)
