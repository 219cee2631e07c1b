"""The WSGI application."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .deployment import admitting_unread_cookies, bound_statements, ensure_servable, ensure_signing
from .proxies import Proxies, believing_wsgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
ensure_servable()
bound_statements()
application = admitting_unread_cookies(get_wsgi_application())
if settings.TRUSTED_PROXIES:
    application = believing_wsgi(application, Proxies(settings.TRUSTED_PROXIES))
ensure_signing()
