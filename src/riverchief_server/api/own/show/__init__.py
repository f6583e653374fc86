"""From rows and verdicts to what the API says, in the reader's language."""
