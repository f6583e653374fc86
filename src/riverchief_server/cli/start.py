"""What the server's commands do first: set Django up, with the home folder and the database the settings name."""

from __future__ import annotations

import os

import django
from django.core.management import call_command


def set_up() -> None:
    """Load the settings and the apps; call it before importing anything that needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riverchief_server.settings.django")
    django.setup()


def migrate() -> None:
    """Bring the database to the present form; safe to call at every start."""
    call_command("migrate", verbosity=0, interactive=False)
