"""Clients tell each other what they hold and what they have done, so that they meet on it."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any


class Gossip:
    """Datagrams between the clients of one folder. One that finds no room is lost: no harm done."""

    def __init__(self, folder: Path, *, number: int, clients: int) -> None:
        self._peers = [_address(folder, peer) for peer in range(clients) if peer != number]
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(_address(folder, number))
        self._socket.setblocking(False)

    def tell(self, **news: Any) -> None:
        """Tell all others."""
        text = json.dumps(news).encode()
        for peer in self._peers:
            with suppress(OSError):
                self._socket.sendto(text, peer)

    def heard(self) -> Iterator[dict[str, Any]]:
        """Yield what others have told since."""
        while True:
            try:
                text = self._socket.recv(65536)
            except BlockingIOError:
                return
            yield json.loads(text)


def _address(folder: Path, number: int) -> str:
    return str(folder / f"{number}.socket")
