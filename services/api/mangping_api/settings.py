"""What the environment says. Secrets are typed so that printing the settings does not print them."""

from __future__ import annotations

from functools import cache

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The names without a prefix are shared by every service; MANGPING_… are ours. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="MANGPING_", frozen=True, hide_input_in_errors=True)

    database_url: str = Field(validation_alias="DATABASE_URL")
    valkey_url: str = Field(validation_alias="VALKEY_URL")
    object_store_url: str = Field(validation_alias="OBJECT_STORE_URL")
    vault_keys: SecretStr = Field(validation_alias="VAULT_KEYS")
    oidc_issuer: str = Field(validation_alias="OIDC_ISSUER")
    oidc_audience: str = Field(validation_alias="OIDC_AUDIENCE")

    bind: str = "127.0.0.1:8000"
    public_url: str = Field("http://127.0.0.1:8000", description="where people reach the api; printed on papers")
    max_upload_bytes: int = Field(64 * 1024 * 1024, gt=0)
    patience_seconds: float = Field(30, gt=0, description="how long an answer may be owed before the queue is asked")
    max_attempts: int = Field(5, gt=0)
    backoff_seconds: float = Field(5, ge=0, description="before the second attempt; doubles with each further one")
    relay_idle_seconds: float = Field(0.2, gt=0)
    relay_hold_seconds: float = Field(15, gt=0, description="what a dead relay had claimed is free after so long")
    duplicates_seconds: float = Field(300, gt=0, description="between looks for several applications of one year")
    events_seconds: float = Field(60, gt=0, description="life of one stream of progress; the client goes on after it")
    scans_ahead: int = Field(
        8, gt=0, description="scans with the redaction workers at once; twice their number is good"
    )
    rehearsal_clock: str = Field("", description="a file that sets the clock; refused unless every server is local")
    sweep_seconds: float = Field(2, gt=0)
    sms_url: str = Field("", description="where SMS are handed over; empty: none is sent, and officers are told so")
    sms_token: SecretStr = SecretStr("")
    smtp_url: SecretStr = Field(SecretStr(""), description="smtps://user:password@host:465, or smtp:// with STARTTLS")
    mail_from: str = Field("", description="the address that mails come from")
    webhooks_local: bool = Field(
        False, description="let webhooks go over plain HTTP and to loopback: local stacks only"
    )
    webhooks_hold_seconds: float = Field(60, gt=15, description="a dead sender's claims are free after so long")
    fees_url: str = Field("", description="where applicants reach the fees service; links to notices begin with it")
    charge_ask_seconds: float = Field(60, gt=0, description="how long the fees service may owe an answer")
    lease_minutes: int = Field(30, gt=0, description="how long a reviewer's claim holds without being renewed")
    retention_days: int = Field(30, gt=0, description="scans, identities and renditions are erased after so many days")
    unused_object_hours: int = Field(24, gt=0)


@cache
def settings() -> Settings:
    """Read once per process. A missing variable is an error at start, named by pydantic."""
    return Settings()
