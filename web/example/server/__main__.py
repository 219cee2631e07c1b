"""The API and the example application side by side: `python -m web.example.server`.

The application is served by this process itself and the API by its child, so that neither is left
alone: both end with Ctrl-C, when the API ends, and when this process dies.
"""

import argparse
import os
import signal
import socket
import sys
from contextlib import closing

import django
from django.core.management.base import CommandError

from api.management.commands.create_demo_user import NAME, PASSWORD
from api.management.commands.serve import has_demo_user, whole_number

from .api_process import STOPS, ending, running_api, wait_until_it_listens
from .application import BUILT, HOST, Application

COOKIE_MODE = {"header": "false", "cookie": "true"}


def main() -> None:
    for number in STOPS:
        signal.signal(number, signal.default_int_handler)
    try:
        run(**vars(parsed(sys.argv[1:])))
    except CommandError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m web.example.server")
    parser.add_argument("--port", default="8000", help="where the API listens")
    parser.add_argument("--port-app", default="5173", help="where the application listens")
    parser.add_argument("--mode", default="header", help="how tokens travel: header or cookie")
    return parser.parse_args(arguments)


def run(*, port: str, port_app: str, mode: str) -> None:
    """Serve both until told to stop. Raises `CommandError` with why one of them cannot be."""
    if mode not in COOKIE_MODE:
        raise CommandError(f"MODE must be {' or '.join(COOKIE_MODE)}, not {mode!r}.")
    if not (BUILT / "index.html").is_file():
        raise CommandError("The application is not built. `make example` builds and serves it.")
    with closing(take_port(port_app, name="PORT_APP")) as application:
        api_port = free_port(port, name="PORT")
        environ = {
            "CORS_ALLOWED_ORIGINS": with_origin(application.origin),
            "JWT_COOKIE_MODE": COOKIE_MODE[mode],
        }
        with running_api(api_port, **environ) as api:
            application.serve(uri=f"http://{HOST}:{api_port}/graphql", mode=mode)
            wait_until_it_listens(api, api_port)
            if api.poll() is None:
                announce(application.origin, mode)
            api.wait()
    raise CommandError(
        f"The API has ended ({ending(api)}), so the application was stopped too. If the API said "
        "why, it is above."
    )


def take_port(text: str, *, name: str) -> Application:
    port = whole_number(text, name=name, lowest=1, highest=65535)
    try:
        return Application(port)
    except OSError as error:
        raise unusable(port, error, name=name) from error


def free_port(text: str, *, name: str) -> int:
    """Refuse a taken port before anything starts, and in this command's words."""
    port = whole_number(text, name=name, lowest=1, highest=65535)
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise unusable(port, error, name=name) from error
    return port


def unusable(port: int, error: OSError, *, name: str) -> CommandError:
    # `strerror` of the error itself may have the address in it once more.
    why = os.strerror(error.errno or 0)
    return CommandError(
        f"Port {port} on {HOST} cannot be used ({why}). Stop what listens there, or choose "
        f"another: make example {name}={port + 1}"
    )


def with_origin(origin: str) -> str:
    """Return the origins that may ask the API: those of the environment, and the application's."""
    return ",".join(filter(None, (os.environ.get("CORS_ALLOWED_ORIGINS"), origin)))


def announce(origin: str, mode: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    django.setup()
    whom = f"{NAME} with the password {PASSWORD}" if has_demo_user() else "one of your users"
    print(f"The example is at {origin} (mode {mode}). Sign in as {whom}.", flush=True)  # noqa: T201


main()
