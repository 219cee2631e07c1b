"""The ASGI application. Views are synchronous and run in threads; `api.wsgi` is the faster one."""

import os

from django.core.asgi import get_asgi_application
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from .deployment import behind_proxies, bound_statements, ensure_servable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
ensure_servable()
bound_statements()
application = behind_proxies(get_asgi_application(), wrap=wrap_asgi_with_proxy_headers)
