"""The ASGI application: Django, and beside it the faces that need a leaner path."""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
django = get_asgi_application()

# models can be imported only now that Django is set up
from riverchief_server.api.features.application import Features  # noqa: E402
from riverchief_server.sensorthings.application import SensorThings  # noqa: E402

sensorthings = SensorThings()
features = Features()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Each request to the face it is for."""
    if SensorThings.answers(scope):
        await sensorthings(scope, receive, send)
    elif Features.answers(scope):
        await features(scope, receive, send)
    else:
        await django(scope, receive, send)
