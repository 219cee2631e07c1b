"""The example application, as `make example` serves it, in front of an API on another origin."""

from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache

import pytest

from tests.e2e.conftest import SIZE
from tests.live import LiveServer
from web.example.server.application import Application

from .device import Device

COOKIE_MODE = {"header": "false", "cookie": "true"}


@dataclass(frozen=True)
class Site:
    origin: str
    api: LiveServer
    mode: str


@contextmanager
def serving(template, mode, **environ):
    """Serve both; more arguments are the API's environment."""
    with closing(Application(port=0)) as application:
        environ |= {
            "CORS_ALLOWED_ORIGINS": application.origin,
            "JWT_COOKIE_MODE": COOKIE_MODE[mode],
        }
        with LiveServer(template, workers=2, **environ) as api:
            application.serve(uri=f"http://127.0.0.1:{api.port}/graphql", mode=mode)
            yield Site(application.origin, api, mode)


@pytest.fixture(scope="session")
def sites(template):
    """Serve a mode and an environment when they are first asked for, and until the end."""
    with ExitStack() as served:

        @cache
        def site(mode, **environ):
            return served.enter_context(serving(template, mode, **environ))

        yield site


@pytest.fixture(params=COOKIE_MODE)
def mode(request):
    return request.param


@pytest.fixture
def environ():
    """What a module's tests need of the API's environment; for modules to override."""
    return {}


@pytest.fixture
def site(sites, mode, environ):
    """The application and its API, with the database they began with."""
    site = sites(mode, **environ)
    yield site
    site.api.reset()


@pytest.fixture
def new_device(browser, site):
    """Open browsers of their own; whatever one of their tabs complains about fails the test."""
    devices = []
    with ExitStack() as contexts:

        def new_device(**options):
            context = browser.new_context(**{"viewport": SIZE} | options)
            devices.append(Device(contexts.enter_context(context), site.origin))
            return devices[-1]

        yield new_device
        assert [complaint for device in devices for complaint in device.complaints()] == []


@pytest.fixture
def device(new_device):
    return new_device()
