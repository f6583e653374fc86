"""Who answers for a bank."""
