"""The ASGI application. Views are synchronous and run in threads; `api.wsgi` is the faster one."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from .deployment import bound_statements, ensure_servable, ensure_signing
from .proxies import Proxies, believing_asgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
ensure_servable()
bound_statements()
application = get_asgi_application()
if settings.TRUSTED_PROXIES:
    application = believing_asgi(application, Proxies(settings.TRUSTED_PROXIES))
ensure_signing()
