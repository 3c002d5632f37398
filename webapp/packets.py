"""Packets that are none: dropped with a line in the log, where Socket.IO's codec would write a page of its own insides.

Whoever sends them cannot be answered, since there is no number to acknowledge; the connection stays as it is.
"""

import logging
from typing import Any

from socketio.packet import BINARY_EVENT, EVENT

log = logging.getLogger(__name__)

CONNECT = "0"
# A frame has one. Of a packet that has more, every message to come would be kept until they are complete.
MOST_ATTACHMENTS = 2
# What the server itself tells of a connection.
RESERVED = frozenset({"connect", "disconnect"})


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
    """Raises ValueError for more attachments than any message of ours has, and for an event that no client may send."""
    if packet.attachment_count > MOST_ATTACHMENTS:
        raise ValueError("a packet has too many attachments")
    if packet.packet_type not in (EVENT, BINARY_EVENT):
        return
    if not isinstance(packet.data, list) or not packet.data or not isinstance(packet.data[0], str):
        raise ValueError("an event has no name")
    if packet.data[0] in RESERVED:
        raise ValueError("an event has a name that is not a client's to use")
