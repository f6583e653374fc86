"""Cases: a problem from its report to its sign-off, as tables that an auditor can read."""
