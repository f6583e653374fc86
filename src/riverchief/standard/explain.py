"""The sentence that tells a person why: class, deciding items, coverage, exclusions, caveat."""

from __future__ import annotations

from riverchief.parameter import find_parameter
from riverchief.standard.classes import CLASSES
from riverchief.standard.evidence import Evidence, Judgement, reasons
from riverchief.standard.verification import caveat


def explain_judgement(judgement: Judgement, language: str) -> str:
    """One sentence in ``language`` (``"zh"`` or ``"en"``) on the whole judgement."""
    said = _chinese(judgement) if language.startswith("zh") else _english(judgement)
    return said + caveat(judgement.verification, language)


def _deciding(judgement: Judgement) -> list[Evidence]:
    return [e for e in judgement.evidence if e.item in judgement.limiting]


def _left_out(judgement: Judgement, language: str) -> str:
    chinese = language.startswith("zh")
    by_kind: dict[str, list[str]] = {}
    for left in judgement.excluded:
        name = find_parameter(left.item).name(language) if left.item else ""
        by_kind.setdefault(left.kind, []).append(name)
    parts = []
    for kind, names in by_kind.items():
        listed = ("、" if chinese else ", ").join(filter(None, names))
        words = reasons()[kind].text(language)
        parts.append(f"{listed}（{words}）" if chinese and listed else f"{listed} ({words})" if listed else words)
    return ("、" if chinese else ", ").join(parts)


def _chinese(judgement: Judgement) -> str:
    water = {"river": "河流", "lake": "湖库"}.get(judgement.water, judgement.water)
    head = f"按{judgement.edition}（{water}）单因子评价"
    counted = f"依据{judgement.expected}项中的{len(judgement.evidence)}项"
    left = _left_out(judgement, "zh")
    if judgement.water_class is None:
        best = f"，已测项目仅能说明不优于{CLASSES[judgement.at_best].name_zh}" if judgement.at_best else ""
        return f"{head}：无法定类{best}（{counted}）；未参评：{left or '无'}" + _remark(judgement, "；")
    row = CLASSES[judgement.water_class]
    why = "；".join(e.explain("zh") for e in _deciding(judgement)) or "各项均符合Ⅰ类限值"
    said = f"{head}为{row.name_zh}（{row.status_zh}）：{why}（{counted}）"
    return said + (f"；未参评：{left}" if left else "") + _remark(judgement, "；")


def _english(judgement: Judgement) -> str:
    head = f"{judgement.edition} ({judgement.water}), worst single item"
    counted = f"judged on {len(judgement.evidence)} of {judgement.expected} items"
    left = _left_out(judgement, "en")
    if judgement.water_class is None:
        best = (
            f", no better than {CLASSES[judgement.at_best].name_en} by what was measured" if judgement.at_best else ""
        )
        return f"{head}: cannot be classed{best} ({counted}); not judged: {left or 'nothing'}" + _remark(
            judgement, "; "
        )
    row = CLASSES[judgement.water_class]
    why = "; ".join(e.explain("en") for e in _deciding(judgement)) or "every item meets the class I limit"
    said = f"{head}: {row.name_en} ({row.status_en}): {why} ({counted})"
    return said + (f"; not judged: {left}" if left else "") + _remark(judgement, "; ")


def _remark(judgement: Judgement, joint: str) -> str:
    return f"{joint}{judgement.remark}" if judgement.remark else ""
