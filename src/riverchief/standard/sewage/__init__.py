"""Sewage works: discharge limits (GB 18918-2002) and 三率, the three rates of collection, treatment and compliance."""

from riverchief.standard.sewage.discharge import GRADES, discharge_limits, judge_discharge
from riverchief.standard.sewage.rates import Rate, ThreeRates, WorksPeriod, three_rates

__all__ = ["GRADES", "Rate", "ThreeRates", "WorksPeriod", "discharge_limits", "judge_discharge", "three_rates"]
