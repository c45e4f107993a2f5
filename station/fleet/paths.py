"""Paths of the center's service."""

from typing import Final

HEAD: Final = "/fleet/1/head"
EVENTS: Final = "/fleet/1/events"
JOIN: Final = "/fleet/1/join"
HEARTBEAT: Final = "/fleet/1/heartbeat"
LEAVE: Final = "/fleet/1/leave"
MOVED: Final = "/fleet/1/moved"
TAGS: Final = "/fleet/1/tags"
SECOND_TAGS: Final = "/fleet/1/second-tags"
