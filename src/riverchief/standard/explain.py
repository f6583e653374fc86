"""The sentence that tells a person why: class, deciding items, coverage, exclusions, caveat."""

from __future__ import annotations

from riverchief.parameter import find_parameter
from riverchief.standard.classes import CLASSES
from riverchief.standard.clause import in_english
from riverchief.standard.evidence import Compliance, Evidence, Excluded, Judgement, Origin, reasons
from riverchief.standard.rounding import show_multiple
from riverchief.standard.verification import caveat

_BROKEN = (">", "<", "not in")
_ONE_VALUE = {"hourly mean": "小时均值", "daily mean": "日均值"}  # the words of judged_statistics.csv


def explain_judgement(judgement: Judgement, language: str) -> str:
    """One sentence in ``language`` (``"zh"`` or ``"en"``) on the whole judgement."""
    said = _chinese(judgement) if language.startswith("zh") else _english(judgement)
    return said + caveat(judgement.verification, language)


def _deciding(judgement: Judgement) -> list[Evidence]:
    return [e for e in judgement.evidence if e.item in judgement.limiting]


def explain_evidence(e: Evidence, language: str) -> str:
    """One item: its value, the limit it broke, the limit it met, clause and multiple."""
    said = _evidence_zh(e) if language.startswith("zh") else _evidence_en(e)
    return f"{said}{'；' if language.startswith('zh') else '; '}{e.remark}" if e.remark else said


def explain_compliance(compliance: Compliance, language: str) -> str:
    """One sentence on whether the limits are met."""
    chinese = language.startswith("zh")
    over = ("；" if chinese else "; ").join(e.explain(language) for e in compliance.over)
    left = _left_out(compliance.excluded, language)
    count = len(compliance.evidence)
    if chinese:
        words = {True: "达标", False: f"不达标：{over}", None: "无法判定"}[compliance.complies]
        said = f"按{compliance.edition}{compliance.subject_zh}{words}（评价{count}项）"
        said += f"；未评价：{left}" if left else ""
    else:
        words = {True: "complies", False: f"does not comply: {over}", None: "cannot be judged"}[compliance.complies]
        said = f"{compliance.edition}, {compliance.subject_en}: {words} ({count} items judged)"
        said += f"; not judged: {left}" if left else ""
    said += f"{'；' if chinese else '; '}{compliance.remark}" if compliance.remark else ""
    return said + caveat(compliance.verification, language)


def _quantities(e: Evidence) -> tuple[str, str, str, str]:
    """Value, limit held or broken, limit broken on the way, and the class that limit belongs to."""
    unit = "" if e.unit == "-" else f" {e.unit}"
    held = f"{e.limit:g}{unit}" if e.lower is None else f"{e.lower:g}–{e.limit:g}"
    broken, of = "", ""
    if e.operator in _BROKEN:
        broken, of = held, "V" if e.water_class else ""
    elif e.better_class is not None and e.better_limit is not None:
        broken, of = f"{e.better_limit:g}{unit}", e.better_class
    return f"{e.value:g}{unit}", held, broken, of


def _origin_zh(origin: Origin) -> str:
    """How a value came about, where it is more than a plain sample."""
    said = []
    if origin.samples > 1:
        word = "按氢离子浓度平均" if origin.statistic == "mean of H+" else "平均"
        said.append(f"{origin.samples}个值{word}")
    elif origin.statistic in _ONE_VALUE:
        said.append(_ONE_VALUE[origin.statistic])
    if origin.decimals is not None and origin.unrounded is not None:
        said.append(f"{origin.unrounded:.6g} 修约到{origin.decimals}位小数")
    if origin.censored:
        said.append(f"其中{origin.censored}个低于检出限（{origin.rule}）")
    return f"（{'，'.join(said)}）" if said else ""


def _origin_en(origin: Origin) -> str:
    said = []
    if origin.samples > 1:
        said.append(f"{origin.statistic} of {origin.samples} values")
    elif origin.statistic in _ONE_VALUE:
        said.append(origin.statistic)
    if origin.decimals is not None and origin.unrounded is not None:
        said.append(f"{origin.unrounded:.6g} rounded to {origin.decimals} decimals")
    if origin.censored:
        said.append(f"{origin.censored} below the detection limit ({origin.rule})")
    return f" ({', '.join(said)})" if said else ""


def _evidence_zh(e: Evidence) -> str:
    value, held, broken, of = _quantities(e)
    said = f"{find_parameter(e.item).name('zh')} {value}{_origin_zh(e.origin)}"
    if broken:
        verb = "低于" if e.operator in (">=", "<") else "超出" if e.operator == "not in" else "超过"
        said += f"，{verb}{CLASSES[of].name_zh if of else ''}限值 {broken}"
    if e.operator not in _BROKEN:
        said += f"，符合{CLASSES[e.water_class].name_zh if e.water_class else ''}限值 {held}"
    multiple = f"，超标 {show_multiple(e.over_limit)} 倍" if e.over_limit is not None else ""
    return f"{said}（{e.edition} {e.clause}{multiple}）"


def _evidence_en(e: Evidence) -> str:
    value, held, broken, of = _quantities(e)
    said = f"{find_parameter(e.item).name('en')} {value}{_origin_en(e.origin)}"
    if broken:
        verb = "below" if e.operator in (">=", "<") else "outside" if e.operator == "not in" else "above"
        said += f" is {verb} the {CLASSES[of].name_en + ' ' if of else ''}limit {broken}"
    if e.operator not in _BROKEN:
        met = f"{CLASSES[e.water_class].name_en} " if e.water_class else ""
        said += f"{' and' if broken else ''} meets the {met}limit {held}"
    multiple = f", over the limit by {show_multiple(e.over_limit)} times" if e.over_limit is not None else ""
    return f"{said} ({e.edition} {in_english(e.clause)}{multiple})"


def _left_out(excluded: tuple[Excluded, ...], language: str) -> str:
    chinese = language.startswith("zh")
    by_kind: dict[str, list[str]] = {}
    for left in excluded:
        if left.kind in ("apart", "source_water_only"):
            continue
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
    left = _left_out(judgement.excluded, "zh")
    if judgement.water_class is None:
        best = f"，已测项目仅能说明不优于{CLASSES[judgement.at_best].name_zh}" if judgement.at_best else ""
        return f"{head}：无法定类{best}（{counted}）；未参评：{left or '无'}" + _remark(judgement, "；")
    row = CLASSES[judgement.water_class]
    why = "；".join(e.explain("zh") for e in _deciding(judgement)) or "各项均符合Ⅰ类限值"
    said = f"{head}为{row.name_zh}（{row.status_zh}）：{why}（{counted}）"
    said += f"；单独评价：{_apart(judgement, 'zh')}" if judgement.apart else ""
    return said + (f"；未参评：{left}" if left else "") + _remark(judgement, "；")


def _english(judgement: Judgement) -> str:
    head = f"{judgement.edition} ({judgement.water}), worst single item"
    counted = f"judged on {len(judgement.evidence)} of {judgement.expected} items"
    left = _left_out(judgement.excluded, "en")
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
    said += f"; on their own: {_apart(judgement, 'en')}" if judgement.apart else ""
    return said + (f"; not judged: {left}" if left else "") + _remark(judgement, "; ")


def _apart(judgement: Judgement, language: str) -> str:
    """Items judged on their own: total nitrogen of lakes, faecal coliforms, the five items of table 2."""
    return ("；" if language.startswith("zh") else "; ").join(e.explain(language) for e in judgement.apart)


def _remark(judgement: Judgement, joint: str) -> str:
    return f"{joint}{judgement.remark}" if judgement.remark else ""
