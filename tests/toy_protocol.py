"""A third protocol, for tests: ``identity;password;time;parameter=value`` and a line feed, answered ``ok identity``."""

from datetime import datetime

from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.telemetry import protocol
from riverchief.telemetry.protocol import Decoded, Example, Heard, Protocol, Row
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sent import Sent


class Splitter:
    rest, dropped_bytes = b"", 0

    def feed(self, chunk):
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        return [
            line if line.count(b";") == 3 else Refused("not_a_frame", line, {"given": str(len(line))}, len(line))
            for line in lines
            if line
        ]

    def finish(self):
        return self.feed(b"\n")


class Line(protocol.Line):
    def splitter(self, is_lenient):
        return Splitter()

    def heard(self, frame):
        return Heard(frame + b"\n", *frame.decode("ascii", "replace").split(";")[:2])

    def answers(self, heard, now_s):
        return lambda now: [b"ok;%b;;\n" % heard.identity.encode()]

    def is_acknowledged(self, heard):
        return (heard.identity == "ok", "") if heard.identity == "ok" else None


class Decoder(protocol.Decoder):
    def decode(self, name, content, arrived_at):
        try:
            *_, time, said = content.decode().strip().split(";")
            code, value = said.split("=")
            unit = find_parameter(code).unit
            return Decoded(
                [Reading(self.station, code, datetime.fromisoformat(time), float(value), unit, source="toy")], []
            )
        except ValueError:
            return Decoded([], [Refused("not_a_frame", content, {"given": str(len(content))}, len(content))])


def speak(readings, address, password):
    return [
        Sent(one.time, f"{address};{password};{one.time.isoformat()};{one.parameter}={one.value}\n".encode())
        for one in readings
    ]


PROTOCOL = Protocol(
    line=Line,
    decoder=Decoder,
    speak=speak,
    examples=(Example(b"T1;pw;2021-03-01T11:11:00+08:00;PH=7.9\n", {"PH": 7.9}),),
)
ROW = Row("toy", "玩具", "Toy", "tcp", 0, False, "tests.toy_protocol")
