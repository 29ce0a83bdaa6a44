"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

from config.checks import refuse_half_configured
from config.observing.counting import begin_counting
from config.running.stack import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # noqa: TID251 - Django's own way in

application = with_room(get_wsgi_application())

# gunicorn runs no system checks by itself, and half-configured is worse than down.
refuse_half_configured()
begin_counting()
