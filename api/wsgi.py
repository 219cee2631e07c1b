"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from .deployment import behind_proxies, ensure_servable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
ensure_servable()
application = behind_proxies(get_wsgi_application(), wrap=wrap_wsgi_with_proxy_headers)
