"""What we know of rivers and those who answer for them: values in, values out; no framework, socket or clock."""
