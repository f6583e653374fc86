"""Addresses of this face, and the links that every document carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"

Link = dict[str, str]


@dataclass(frozen=True)
class Address:
    """Where a document is: the landing page without a slash at its end, the path below it, and what was asked."""

    root: str
    path: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def of(self, path: str, **parameters: str) -> str:
        """The address of ``path``, in the language that was chosen in this one."""
        chosen = {name: value for name, value in self.pairs if name == "lang"} | parameters
        where = f"{self.root}/{quote(path)}" if path else self.root
        return f"{where}?{urlencode(chosen)}" if chosen else where

    def again(self, **parameters: str | None) -> str:
        """This address with other parameters; ``None`` takes one away."""
        kept = [(name, value) for name, value in self.pairs if name not in parameters]
        kept += [(name, value) for name, value in parameters.items() if value is not None]
        where = f"{self.root}/{quote(self.path)}" if self.path else self.root
        return f"{where}?{urlencode(kept)}" if kept else where

    def own_links(self, media_type: str = JSON) -> list[Link]:
        """``self`` and the same as a page."""
        return [
            link("self", self.again(f="json"), media_type),
            link("alternate", self.again(f="html"), HTML),
        ]


def link(rel: str, href: str, media_type: str, title: str = "") -> Link:
    """One link."""
    found = {"rel": rel, "type": media_type, "href": href}
    return found | ({"title": title} if title else {})


def link_of(links: Sequence[Link], rel: str) -> str:
    """The address under ``rel``; empty where there is none."""
    return next((one["href"] for one in links if one["rel"] == rel), "")
