"""The sentence that tells a person why: class, deciding items, coverage, exclusions, caveat."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from riverchief.parameter import find_parameter
from riverchief.standard.censored import censored_rules
from riverchief.standard.classes import CLASSES
from riverchief.standard.clause import in_english
from riverchief.standard.minimum_items import item_groups
from riverchief.standard.reasons import reasons
from riverchief.standard.rounding import show_multiple, show_number
from riverchief.standard.verification import caveat
from riverchief.table import read_table

if TYPE_CHECKING:  # evidence asks this module for its sentences
    from riverchief.standard.evidence import Compliance, Evidence, Excluded, Judgement

_BROKEN = (">", "<", "not in")
_ONE_VALUE = {"hourly mean": "小时均值", "daily mean": "日均值"}  # the words of judged_statistics.csv


def explain_judgement(judgement: Judgement, language: str) -> str:
    """One sentence in ``language`` (``"zh"`` or ``"en"``) on the whole judgement."""
    said = _chinese(judgement) if language.startswith("zh") else _english(judgement)
    if judgement.source is not None:  # whether the water may be drunk goes before its class
        said = f"{explain_compliance(judgement.source, language)}{'。' if language.startswith('zh') else '. '}{said}"
    return said + caveat(judgement.verification, language)


def _deciding(judgement: Judgement) -> list[Evidence]:
    """The items of the worst class there is; class I has none, but says where oxygen reaches it by saturation only."""
    worst = judgement.water_class or judgement.at_best
    if worst == "I":
        return [e for e in judgement.evidence if e.measured is not None]
    return [e for e in judgement.evidence if e.water_class == worst]


def explain_evidence(e: Evidence, language: str) -> str:
    """One item: its value, the limit it broke, the limit it met, clause and multiple."""
    said = _evidence_zh(e) if language.startswith("zh") else _evidence_en(e)
    remarks = [_saturation(e, language), _background(e, language), remark_text(e.remark, language)]
    return ("；" if language.startswith("zh") else "; ").join([said, *filter(None, remarks)])


def remark_text(remark: str, language: str) -> str:
    """The words of a remark (a row of ``remarks.csv``); what is no row is said as it is."""
    row = _remarks().get(remark)
    return row["zh" if language.startswith("zh") else "en"] if row else remark


@cache
def _remarks() -> dict[str, dict[str, str]]:
    return {row["remark"]: row for row in read_table("riverchief.standard", "remarks.csv")}


def _background(e: Evidence, language: str) -> str:
    """That a background value was taken off before judging."""
    if e.background is None:
        return ""
    measured, off = show_number(e.value + e.background), show_number(e.background)
    return (
        f"实测 {measured}，扣除本底值 {off}" if language.startswith("zh") else f"measured {measured}, background {off}"
    )


def _saturation(e: Evidence, language: str) -> str:
    """How oxygen comes to be judged by its saturation."""
    if e.measured is None:
        return ""
    concentration, share = show_number(e.measured), f"{e.value:.1f}"
    if language.startswith("zh"):
        how = "实测" if e.at_temperature is None else f"按水温 {show_number(e.at_temperature)} ℃ 推算"
        return f"浓度 {concentration} mg/L 为饱和的 {share} %（{how}），不低于 90 % 即为Ⅰ类"
    how = "measured" if e.at_temperature is None else f"at {show_number(e.at_temperature)} degC"
    return f"{concentration} mg/L is {share} % of saturation ({how}); 90 % and more is class I"


def explain_compliance(compliance: Compliance, language: str) -> str:
    """One sentence on whether the limits are met."""
    chinese = language.startswith("zh")
    over = ("；" if chinese else "; ").join(e.explain(language) for e in compliance.over)
    left = _left_out(compliance.excluded, language)
    count = str(len(compliance.evidence))
    if compliance.expected:
        missing = compliance.expected - compliance.measured
        count += f"项，应测{compliance.expected}项，缺{missing}" if chinese else f" of {compliance.expected} due"
    if chinese:
        words = {True: "达标", False: f"不达标：{over}", None: "无法判定"}[compliance.complies]
        said = f"按{compliance.edition}{compliance.subject_zh}{words}（评价{count}项）"
        said += f"；未评价：{left}" if left else ""
    else:
        words = {True: "complies", False: f"does not comply: {over}", None: "cannot be judged"}[compliance.complies]
        said = f"{compliance.edition}, {compliance.subject_en}: {words} ({count} items judged)"
        said += f"; not judged: {left}" if left else ""
    remark = remark_text(compliance.remark, language)
    said += f"{'；' if chinese else '; '}{remark}" if remark else ""
    return said + caveat(compliance.verification, language)


def _quantities(e: Evidence) -> tuple[str, str, str, str]:
    """Value, limit held or broken, limit broken on the way, and the class that limit belongs to."""
    unit = "" if e.unit == "-" else f" {e.unit}"
    held = f"{show_number(e.limit)}{unit}" if e.lower is None else f"{show_number(e.lower)}–{show_number(e.limit)}"
    broken, of = "", ""
    if e.operator in _BROKEN:
        broken, of = held, "V" if e.water_class else ""
    elif e.better_class is not None and e.better_limit is not None:
        broken, of = f"{show_number(e.better_limit)}{unit}", e.better_class
    bound, sign = e.origin.bound, e.origin.operator
    value = show_number(e.value) if bound is None or not sign else f"{sign}{show_number(bound)}"
    return f"{value if e.measured is None else f'{e.value:.1f}'}{unit}", held, broken, of


def _taken(e: Evidence, language: str) -> str:
    """What was judged in the place of what is known by a bound only."""
    origin = e.origin
    if not origin.censored:
        return ""
    chinese = language.startswith("zh")
    rule = censored_rules().get(origin.rule.partition(":")[0])
    if origin.operator == ">":
        return "只知高于该值" if chinese else "known to be above this value only"
    if origin.operator:
        if origin.bound is not None and e.value == origin.bound:
            return "按该值评价" if chinese else "judged at this value"
        words = rule.words(language) if rule else origin.rule
        return f"{words}（{show_number(e.value)}）" if chinese else f"{words}, {show_number(e.value)}"
    words = rule.words(language) if rule else origin.rule
    return f"其中{origin.censored}个带<或>（{words}）" if chinese else f"{origin.censored} of them bounds ({words})"


def _origin_zh(e: Evidence) -> str:
    """How a value came about, where it is more than a plain sample."""
    origin, said = e.origin, []
    if origin.samples > 1:
        word = "按氢离子浓度平均" if origin.statistic == "mean of H+" else "平均"
        said.append(f"{origin.samples}个值{word}")
    elif origin.statistic in _ONE_VALUE:
        said.append(_ONE_VALUE[origin.statistic])
    if origin.decimals is not None and origin.unrounded is not None:
        said.append(f"{show_number(origin.unrounded)} 修约到{origin.decimals}位小数")
    if origin.censored:
        said.append(_taken(e, "zh"))
    return f"（{'，'.join(said)}）" if said else ""


def _origin_en(e: Evidence) -> str:
    origin, said = e.origin, []
    if origin.samples > 1:
        said.append(f"{origin.statistic} of {origin.samples} values")
    elif origin.statistic in _ONE_VALUE:
        said.append(origin.statistic)
    if origin.decimals is not None and origin.unrounded is not None:
        said.append(f"{show_number(origin.unrounded)} rounded to {origin.decimals} decimals")
    if origin.censored:
        said.append(_taken(e, "en"))
    return f" ({', '.join(said)})" if said else ""


def _evidence_zh(e: Evidence) -> str:
    value, held, broken, of = _quantities(e)
    said = f"{find_parameter(e.item).name('zh')} {value}{_origin_zh(e)}"
    if broken:
        verb = "低于" if e.operator in (">=", "<") else "超出" if e.operator == "not in" else "超过"
        said += f"，{verb}{CLASSES[of].name_zh if of else ''}限值 {broken}"
    if e.operator not in _BROKEN:
        met = CLASSES[e.water_class].name_zh if e.water_class else ""
        said += f"，至少为{met}" if e.at_least else f"，符合{met}限值 {held}"
    multiple = f"，超标 {show_multiple(e.over_limit)} 倍" if e.over_limit is not None else ""
    return f"{said}（{e.edition} {e.clause}{multiple}）"


def _evidence_en(e: Evidence) -> str:
    value, held, broken, of = _quantities(e)
    said = f"{find_parameter(e.item).name('en')} {value}{_origin_en(e)}"
    if broken:
        verb = "below" if e.operator in (">=", "<") else "outside" if e.operator == "not in" else "above"
        said += f" is {verb} the {CLASSES[of].name_en + ' ' if of else ''}limit {broken}"
    if e.operator not in _BROKEN:
        met = f"{CLASSES[e.water_class].name_en} " if e.water_class else ""
        joint = " and" if broken else ""
        said += f"{joint} is {met.strip()} at least" if e.at_least else f"{joint} meets the {met}limit {held}"
    multiple = f", over the limit by {show_multiple(e.over_limit)} times" if e.over_limit is not None else ""
    return f"{said} ({e.edition} {in_english(e.clause)}{multiple})"


def _left_out(excluded: tuple[Excluded, ...], language: str) -> str:
    chinese = language.startswith("zh")
    by_kind: dict[str, list[str]] = {}
    for left in excluded:
        if left.kind in ("apart", "source_water_only"):
            continue
        name = find_parameter(left.item).name(language) if left.item else ""
        if left.sign and left.value is not None:
            name += f" {left.sign}{show_number(left.value)}"
        by_kind.setdefault(left.kind, []).append(name)
    parts = []
    for kind, names in by_kind.items():
        listed = ("、" if chinese else ", ").join(filter(None, names))
        words = reasons()[kind].text(language)
        if kind == "too_few_items":
            words += ("：" if chinese else ": ") + "；".join(group.words(language) for group in item_groups())
        parts.append(f"{listed}（{words}）" if chinese and listed else f"{listed} ({words})" if listed else words)
    return ("、" if chinese else ", ").join(parts)


def _chinese(judgement: Judgement) -> str:
    water = {"river": "河流", "lake": "湖库"}.get(judgement.water, judgement.water)
    head = f"按{judgement.edition}（{water}）单因子评价"
    counted = f"依据{judgement.expected}项中的{judgement.judged}项"
    left = _left_out(judgement.excluded, "zh")
    if judgement.water_class is None:
        best = f"，已测项目仅能说明不优于{CLASSES[judgement.at_best].name_zh}" if judgement.at_best else ""
        why = "；".join(e.explain("zh") for e in _deciding(judgement))
        best += f"：{why}" if why and judgement.at_best != "I" else ""
        said = f"{head}：无法定类{best}（{counted}）；未参评：{left or '无'}"
        return said + (f"；单独评价：{_apart(judgement, 'zh')}" if judgement.apart else "") + _remark(judgement, "zh")
    row = CLASSES[judgement.water_class]
    why = "；".join(e.explain("zh") for e in _deciding(judgement))
    if judgement.water_class == "I":
        why = "；".join(filter(None, ["各项均符合Ⅰ类限值", why]))
    said = f"{head}为{row.name_zh}（{row.status_zh}）：{why}（{counted}）"
    said += f"；单独评价：{_apart(judgement, 'zh')}" if judgement.apart else ""
    return said + (f"；未参评：{left}" if left else "") + _remark(judgement, "zh")


def _english(judgement: Judgement) -> str:
    head = f"{judgement.edition} ({judgement.water}), worst single item"
    counted = f"judged on {judgement.judged} of {judgement.expected} items"
    left = _left_out(judgement.excluded, "en")
    if judgement.water_class is None:
        best = (
            f", no better than {CLASSES[judgement.at_best].name_en} by what was measured" if judgement.at_best else ""
        )
        why = "; ".join(e.explain("en") for e in _deciding(judgement))
        best += f": {why}" if why and judgement.at_best != "I" else ""
        said = f"{head}: cannot be classed{best} ({counted}); not judged: {left or 'nothing'}"
        said += f"; on their own: {_apart(judgement, 'en')}" if judgement.apart else ""
        return said + _remark(judgement, "en")
    row = CLASSES[judgement.water_class]
    why = "; ".join(e.explain("en") for e in _deciding(judgement))
    if judgement.water_class == "I":
        why = "; ".join(filter(None, ["every item meets the class I limit", why]))
    said = f"{head}: {row.name_en} ({row.status_en}): {why} ({counted})"
    said += f"; on their own: {_apart(judgement, 'en')}" if judgement.apart else ""
    return said + (f"; not judged: {left}" if left else "") + _remark(judgement, "en")


def _apart(judgement: Judgement, language: str) -> str:
    """Items judged on their own: total nitrogen of lakes, faecal coliforms, the five items of table 2."""
    return ("；" if language.startswith("zh") else "; ").join(e.explain(language) for e in judgement.apart)


def _remark(judgement: Judgement, language: str) -> str:
    said = remark_text(judgement.remark, language)
    return f"{'；' if language.startswith('zh') else '; '}{said}" if said else ""
