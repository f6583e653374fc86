"""Where a pollution came from: which outfall, when, how much, and how sure that is.

>>> from riverchief.example.rivers import toy_river
>>> from riverchief.place import locate
>>> from riverchief.tracing import Candidate, StationSamples, trace
>>> from riverchief.transport import Physics
>>> river = toy_river()
>>> water = Physics.of(river.length_m, velocity_m_s=0.5, dispersion_m2_s=8.0, discharge_m3_s=2.0)
>>> suspects = [
...     Candidate.of("tannery", locate(river, 1, 200.0), kind="industrial", permit="expired"),
...     Candidate.of("village", locate(river, 4, 500.0), kind="domestic"),
... ]
>>> hours = [f"2026-11-20T{hour:02d}:00:00+08:00" for hour in range(12)]
>>> confluence = StationSamples.of("S1", locate(river, 3, 100.0), hours, [0.2, 0.2, 4.1, 0.5, *[0.2] * 8])
>>> mouth = StationSamples.of("S2", locate(river, 5, 4900.0), hours, [0.2] * 4 + [0.9, 2.2, 0.9, 0.2, *[0.2] * 4])
>>> found = trace(river, water, suspects, [confluence, mouth])
>>> found.verdict, found.set90
('one', ('tannery',))
>>> found.candidates[0].probability > 0.95
True

``found.as_dict()`` is what ``riverchief trace --format json`` prints; ``found.stations`` are fitted curves with their
band to draw over the measured points; :func:`next_samples` says where and when to sample next.
"""

from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.candidate import Candidate, candidate_odds, every_reach
from riverchief.tracing.inputs import TraceInputs, read_inputs
from riverchief.tracing.next_sample import NextSample, next_samples
from riverchief.tracing.register import Sites, rain_of, read_sites, samples_of
from riverchief.tracing.result import RankedCandidate, SourceSet, StationFit, Trace
from riverchief.tracing.samples import StationSamples
from riverchief.tracing.trace import trace
from riverchief.tracing.verdict import Said

__all__ = [
    "Assumptions",
    "Candidate",
    "NextSample",
    "RankedCandidate",
    "Said",
    "Sites",
    "SourceSet",
    "StationFit",
    "StationSamples",
    "Trace",
    "TraceInputs",
    "candidate_odds",
    "every_reach",
    "next_samples",
    "rain_of",
    "read_inputs",
    "read_sites",
    "samples_of",
    "trace",
]
