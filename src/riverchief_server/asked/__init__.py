"""What every face asks of a request before it answers: who, in which language, to which address."""
