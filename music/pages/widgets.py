"""Widgets of forms that are rendered once per process for the same name, value and attributes.

Django renders a template for each field, and for a select one for each option.
"""

from threading import Lock
from typing import Any

from cachetools import LRUCache
from django import forms
from django.forms.renderers import BaseRenderer
from django.utils.safestring import SafeString

MAX_WIDGETS = 512
"""The number of rendered widgets that a process caches; the longest, a select, has 5 kB."""

_rendered: LRUCache[tuple[Any, ...], SafeString] = LRUCache(MAX_WIDGETS)
_lock = Lock()


class KeptWidget(forms.Widget):
    """A mixin for widgets whose html depends on nothing else."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        choices = tuple(getattr(self, "choices", ()))
        all_attrs = tuple({**self.attrs, **(attrs or {})}.items())
        kind = type(self), getattr(self, "input_type", "")
        key = (*kind, name, value, type(value), choices, all_attrs)
        with _lock:
            html = _rendered.get(key)
        if html is None:
            html = super().render(name, value, attrs, renderer)
            with _lock:
                _rendered[key] = html
        return html


class KeptSelect(KeptWidget, forms.Select):
    """A select."""


class KeptText(KeptWidget, forms.TextInput):
    """A line of text, or a search field."""


class KeptNumber(KeptWidget, forms.NumberInput):
    """A number, or a slider."""


class KeptCheckbox(KeptWidget, forms.CheckboxInput):
    """A box to tick."""


class KeptHidden(KeptWidget, forms.HiddenInput):
    """A value that is not shown."""
