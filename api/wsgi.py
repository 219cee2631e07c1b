"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from .deployment import (
    admitting_unread_cookies,
    behind_proxies,
    bound_statements,
    ensure_servable,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
ensure_servable()
bound_statements()
application = behind_proxies(
    admitting_unread_cookies(get_wsgi_application()), wrap=wrap_wsgi_with_proxy_headers
)
