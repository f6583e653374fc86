"""What an account has been told."""
