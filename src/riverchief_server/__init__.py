"""What we remember and serve: the Django side of Riverchief."""
