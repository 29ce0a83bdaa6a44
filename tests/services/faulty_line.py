"""A line to a server that breaks after so many bytes, as networks do."""

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class FaultyLine:
    """Listens on this machine and hands bytes on, until there were too many."""

    def __init__(self, url: str, *, breaks_after: int) -> None:
        place = urlsplit(url)
        self._target = (place.hostname or "", place.port or 80)
        self._left = breaks_after
        self.broke = False

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                there = socket.create_connection(self._target)
                for pair in ((here, there), (there, here)):
                    threading.Thread(
                        target=self._hand_on, args=pair, daemon=True
                    ).start()

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65_536):
                self._left -= len(content)
                if self._left < 0:
                    self.broke = True
                    break
                target.sendall(content)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
