from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from digest.smtp_config import PASSWORD_VARIABLE, PasswordMissing, Security, SmtpConfig, SmtpTimeouts


def config(**values: Any) -> SmtpConfig:
    return SmtpConfig.model_validate(values)


def test_the_shipped_time_limits_follow_rfc_5321() -> None:
    shipped = SmtpTimeouts()
    assert (shipped.connect, shipped.command, shipped.envelope, shipped.final) == (30, 60, 240, 600)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_security(security: str, port: int) -> None:
    assert config(security=security).server_port == port


def test_mail_is_encrypted_unless_said_otherwise() -> None:
    assert SmtpConfig().security is Security.STARTTLS


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_unencrypted_mail_is_allowed_to_this_machine(host: str) -> None:
    assert config(host=host, security="none").host == host


@pytest.mark.parametrize("host", ["mail.example.org", "10.0.0.1", "127.evil.example", "localhost.example"])
def test_unencrypted_mail_to_another_machine_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="unencrypted"):
        config(host=host, security="none")


def test_the_password_cannot_stand_in_the_configuration() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        config(password="secret")


def test_the_password_comes_from_the_environment() -> None:
    assert config(user="ann").password({PASSWORD_VARIABLE: "s3cret"}) == "s3cret"


def test_the_password_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "smtp"
    secret.write_text(" pass word \n", encoding="utf-8")
    assert config(user="ann", password_file=secret).password({PASSWORD_VARIABLE: "x"}) == " pass word "


def test_no_user_means_no_login() -> None:
    assert config().password({PASSWORD_VARIABLE: "s3cret"}) is None


def test_a_user_without_a_password_is_told_where_to_put_it() -> None:
    with pytest.raises(PasswordMissing, match=PASSWORD_VARIABLE):
        config(user="ann").password({})


def test_an_unreadable_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PasswordMissing, match="nowhere"):
        config(user="ann", password_file=tmp_path / "nowhere").password({})
