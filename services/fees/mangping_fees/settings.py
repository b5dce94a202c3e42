"""What the environment says. Secrets are typed so that printing the settings does not print them."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class FinanceLine(BaseModel):
    """One region's finance system: where it is, what both share, and where its confirmations are listened for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    region_code: str
    host: str
    port: int
    token: SecretStr
    source: str
    target: str
    listen: str | None = None  # host:port; None when its confirmations come as signed callbacks only
    pay_code: str = r"\d{16,30}"  # the form of this province's codes
    wait_s: float = Field(30, gt=0)
    tls: bool = False  # speak TLS to it, and check its certificate
    ca_file: str | None = None  # its own authority, PEM; None: those of the machine
    certificate: str | None = None  # PEM with the key: who we are, when it asks, and what `listen` shows


class Settings(BaseSettings):
    """The names without a prefix are shared by every service; MANGPING_FEES_… are ours. Durations are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="MANGPING_FEES_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(validation_alias="DATABASE_URL")
    valkey_url: str = Field(validation_alias="VALKEY_URL")
    object_store_url: str = Field(validation_alias="OBJECT_STORE_URL")
    vault_keys: SecretStr = Field(validation_alias="VAULT_KEYS")
    oidc_issuer: str = Field(validation_alias="OIDC_ISSUER")
    oidc_audience: str = Field(validation_alias="OIDC_AUDIENCE")

    bind: str = "127.0.0.1:8100"
    gateways: tuple[FinanceLine, ...] = Field((), description="JSON list")
    webhook_secrets: dict[str, tuple[SecretStr, ...]] = Field(
        {}, description="JSON object: region code to a list of whsec_…, newest first"
    )
    webhooks_local: bool = Field(
        False, description="let webhooks go over plain HTTP and to loopback: local stacks only"
    )
    webhooks_hold_seconds: float = Field(60, gt=15, description="a dead sender's claims are free after so long")
    courier_url: str = Field("", description="where SMS and e-mail are handed over; empty: nothing is sent")
    courier_token: SecretStr = SecretStr("")
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="smtps://user:password@host:465, or smtp:// with STARTTLS; empty: e-mail by the courier",
    )
    mail_from: str = Field("", description="the address that mails come from")
    tariff_folder: str = Field("", description="empty: the tariffs that ship with the service")
    max_statement_bytes: int = Field(512 * 1024 * 1024, gt=0)
    grace_days: int = Field(1, ge=0, description="days after the last one whose books must be closed before expiry")
    backoff_seconds: float = Field(5, gt=0, description="before a held-up step is tried again; doubles")
    step_hold_seconds: float = Field(120, gt=0, description="a dead worker's steps are free after so long")
    relay_idle_seconds: float = Field(0.2, gt=0)
    relay_hold_seconds: float = Field(15, gt=0)
    rehearsal_clock: str = Field("", description="a file that sets the clock; refused unless every server is local")
    sweep_seconds: float = Field(2, gt=0)


@cache
def settings() -> Settings:
    """Read once per process. A missing variable is an error at start, named by pydantic."""
    return Settings()
