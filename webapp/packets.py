"""Packets that are none: dropped with a line in the log, where Socket.IO's codec would write a page of its own insides.

Whoever sends them cannot be answered, since there is no number to acknowledge; the connection stays as it is.
"""

import logging
from typing import Any

from socketio.packet import BINARY_EVENT, EVENT

log = logging.getLogger(__name__)

CONNECT = "0"


def drop_unreadable(server: Any) -> None:
    """Let a python-socketio `server` take only packets that can be read."""
    take = server.eio.handlers["message"]

    def take_readable(connection: str, data: object) -> None:
        try:
            if isinstance(data, str) and connection not in server._binary_packet:
                _check(server.packet_class(encoded_packet=data))
            if not isinstance(data, str) or not data.startswith(CONNECT):
                take(connection, data)  # events run in the background, with whatever goes wrong in them
                return
        except Exception as error:
            server._binary_packet.pop(connection, None)
            log.warning("connection %s sent no packet (%s): dropped", connection, type(error).__name__)
            return
        take(connection, data)

    server.eio.on("message", take_readable)


def _check(packet: Any) -> None:
    """Raises ValueError for an event without a name, which no handler could be found for."""
    named = isinstance(packet.data, list) and packet.data and isinstance(packet.data[0], str)
    if packet.packet_type in (EVENT, BINARY_EVENT) and not named:
        raise ValueError("an event has no name")
