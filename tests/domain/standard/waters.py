"""Water that is class I by every item a class needs: a test adds the value it is about."""

CLEAN = {"PH": 7.5, "DO": 9.0, "CODMN": 1.0, "NH3N": 0.1, "TP": 0.01}
