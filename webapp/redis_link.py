"""What several servers share goes through one Redis: this room knows how to reach it, and what to do while it is away.

While Redis is away nothing waits for it: calls are refused at once, and only the probe that is made every second finds out that
it is back. What is said meanwhile on a channel is said to nobody: Redis keeps no message for who does not listen.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from socketio.pubsub_manager import PubSubManager

from webapp.core.classroom import ClassError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 1.0
LISTEN_AGAIN_SECONDS = 0.5
CHANNEL = "handspell"

Answer = TypeVar("Answer")


class RedisLink:
    """One Redis, and whether it can be reached."""

    def __init__(self, url: str) -> None:
        """Raises ValueError for a URL that is none; connects at the first call."""
        self.client: Any = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            health_check_interval=5,  # a listener notices that the other end is gone
            retry=Retry(NoBackoff(), 1),  # once: a connection that was kept open may have died since
        )
        self.away = False

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """What `question` returns, which asks `client`. Raises ClassError `class_away`, at once while Redis is known to be away."""
        if self.away:
            raise class_away()
        try:
            return question()
        except RedisError as error:
            log.warning("Redis is away: %s", error)
            self.away = True
            raise class_away() from error

    def probe(self) -> bool:
        """Whether Redis answers now."""
        if self.away:
            try:
                self.client.ping()
            except RedisError:
                return False
            log.info("Redis is back")
            self.away = False
        return True

    def listen(self, channel: str) -> Iterator[str | None]:
        """What is said on `channel`, for ever; None each time that listening begins, when anything may have been missed."""
        while True:
            pubsub = self.client.pubsub()
            try:
                pubsub.subscribe(channel)
                while True:
                    said = pubsub.get_message(timeout=1.0)
                    if said:
                        yield said["data"] if said["type"] == "message" else None
            except RedisError:
                time.sleep(LISTEN_AGAIN_SECONDS)
            finally:
                pubsub.close()


class MessageQueue(PubSubManager):
    """What Flask-SocketIO's servers tell each other, so that a room reaches across them.

    python-socketio's own manager for Redis waits up to a minute before it listens again, and tries twice for every message
    while there is nobody to take it.
    """

    name = "redis"

    def __init__(self, link: RedisLink) -> None:
        super().__init__(channel=CHANNEL)
        self._link = link

    def _publish(self, data: dict[str, Any]) -> None:
        """A message that cannot be sent is dropped: this server's own connections have it already."""
        with suppress(ClassError):
            self._link.ask(lambda: self._link.client.publish(self.channel, self.json.dumps(data)))

    def _listen(self) -> Iterator[str]:
        return (said for said in self._link.listen(self.channel) if said is not None)


def class_away() -> ClassError:
    """What is said of a call that needs the classes while they cannot be reached."""
    return ClassError("class_away", "The classes cannot be reached just now. Spelling goes on; try again in a moment.")
