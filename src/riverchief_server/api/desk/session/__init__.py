"""Who is logged in, and what a page must know before it draws itself."""
