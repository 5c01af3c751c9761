"""The `storage:` part of the configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RetentionConfig(BaseModel):
    """How long texts are kept. Identities (which articles are known) are never deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_texts_days: int = Field(
        default=365, ge=30, description="Full texts of matched articles are emptied after this many days."
    )
    rejected_days: int = Field(
        default=30, ge=1, description="Title and lead of rejected articles are kept this long, for backtests."
    )
    mail_days: int = Field(
        default=90,
        ge=7,
        description="The text of mail that was sent is kept this long.",
    )


class StorageConfig(BaseModel):
    """Where Hotline keeps what it knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        default="sqlite:///hotline.db",
        description="sqlite:///FILE, or postgresql+psycopg://USER@HOST/NAME for servers.",
    )
    password_file: str = Field(
        default="", description="A file that holds the database password, if the URL has none."
    )
    retention: RetentionConfig = RetentionConfig()
