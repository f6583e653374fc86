"""What the desk's API says and hears, word for word; the browser's types are generated from these.

Texts are already in the reader's language (the request's ``Accept-Language``): the server decides, the browser shows.
Times are ISO 8601 with zone, except series, which are seconds since 1970 UTC. Identifiers are the users' own codes.
"""
