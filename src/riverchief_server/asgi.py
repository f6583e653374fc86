"""The ASGI application: Django, and beside it whatever later needs a leaner path."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
application = get_asgi_application()
