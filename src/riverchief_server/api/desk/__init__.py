"""The desk's own API, a folder for each subject: routes, what they say (schema), how it is put together (show).

Texts are already in the reader's language (the request's ``Accept-Language``): the server decides, the browser shows.
Times are ISO 8601 with zone, except series, which are seconds since 1970 UTC. Identifiers are the users' own codes.
"""
