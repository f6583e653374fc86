"""Who answers: regions, roles, and the dated responsibility for a bank of a reach."""
