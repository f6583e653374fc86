"""``{% say "key" %}`` in a template: the words of the table in the reader's language."""

from __future__ import annotations

from typing import Any

from django import template

from riverchief_server.api.words import say as words

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], key: str, **details: object) -> str:
    """The words of row ``key`` in the page's language; escaped like every other text of a template."""
    return words(key, context["language"], **details)
