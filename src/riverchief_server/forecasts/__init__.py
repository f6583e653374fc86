"""Forecasts as they were issued, each night, with the skill they had shown; and what they warned of."""
