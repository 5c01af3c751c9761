"""The same tables for Core statements: `select(ARTICLE.c.id)` is typed where the model's fields are not."""

from __future__ import annotations

from storage.tables import metadata

ALERT = metadata.tables["alert"]
ALIAS = metadata.tables["alias"]
ARTICLE = metadata.tables["article"]
ARTICLE_TEXT = metadata.tables["article_text"]
FINGERPRINT = metadata.tables["fingerprint"]
CORRECTION = metadata.tables["correction"]
FEED = metadata.tables["feed"]
FEED_MEMORY = metadata.tables["feed_memory"]
FLAG = metadata.tables["flag"]
HOST = metadata.tables["host"]
ISSUE = metadata.tables["issue"]
JUDGEMENT = metadata.tables["judgement"]
LEDGER = metadata.tables["ledger"]
LINK = metadata.tables["link"]
NOTICE = metadata.tables["notice"]
OUTBOX = metadata.tables["outbox"]
PAGE = metadata.tables["page"]
POLL = metadata.tables["poll"]
READER = metadata.tables["reader"]
SIGHTING = metadata.tables["sighting"]
STORY = metadata.tables["story"]
STORY_PROFILE = metadata.tables["story_profile"]
STORY_TERM = metadata.tables["story_term"]
SUBSCRIPTION = metadata.tables["subscription"]
SUPPRESSION = metadata.tables["suppression"]
VERSION = metadata.tables["version"]
