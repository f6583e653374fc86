"""How a verdict is said in a line: values as they were reported, a drinking-water source by what it fails."""

from __future__ import annotations

from riverchief.parameter import find_parameter
from riverchief.standard import Compliance
from riverchief.standard import Evidence as Fact
from riverchief.standard.reasons import reasons
from riverchief.standard.rounding import show_multiple
from riverchief_server.api.words import number_text, say, value_text


def as_reported(fact: Fact) -> str:
    """The value with its sign, and oxygen in mg/L also where it was judged by its saturation."""
    if fact.origin.operator and fact.origin.bound is not None:
        return f"{fact.origin.operator}{number_text(fact.origin.bound)}"
    return value_text(fact.item, fact.value if fact.measured is None else fact.measured)


def source_sentence(source: Compliance, language: str, ago: str) -> str:
    """Whether a drinking-water source complies, by what not, and on how much of what is due."""
    key = {True: "source_complies", False: "source_fails", None: "source_open"}[source.complies]
    comma = "、" if language.startswith("zh") else ", "
    missing = comma.join(find_parameter(code).name(language) for code in source.missing)
    why = f"{reasons()['missing'].text(language)} {missing}" if missing else "—"
    counts = {"judged": len(source.evidence), "of": source.expected, "measured": source.measured}
    return say(key, language, items=over_text(source, language), why=why, ago=ago, **counts)


def over_text(source: Compliance, language: str) -> str:
    """What is over its limit, each with its multiple."""
    joint = "、" if language.startswith("zh") else ", "
    return joint.join(
        say(
            "source_item",
            language,
            name=find_parameter(e.item).name(language),
            value=as_reported(e),
            unit="" if e.unit == "-" else f" {e.unit}",
            multiple=show_multiple(e.over_limit) if e.over_limit is not None else "—",
        )
        for e in source.over
    )
