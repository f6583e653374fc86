"""Border sections and ecological compensation: who owes whom for a month, and the ledger of a pair of neighbours."""

from riverchief.standard.border.compensation import Border, MonthResult, settle_month
from riverchief.standard.border.ledger import Ledger, make_ledger

__all__ = ["Border", "Ledger", "MonthResult", "make_ledger", "settle_month"]
