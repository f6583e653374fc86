"""``python -m riverchief_server.cli`` is the command ``riverchief``."""

import sys

from riverchief_server.cli import main

sys.exit(main())
