"""Ids that the server makes, and the signed tokens that open a conversation.

A token is HMAC-SHA256 over its version and the conversation's id: whoever holds it was given it by this server. Nothing is stored of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from assistant.errors import DataDirUnwritable, SettingInvalid

VERSION = "v1"
SECRET_FILE = "secret.key"
LEAST_CHARACTERS = 32


class Tokens:
    """Makes ids and tokens, and checks tokens. `secret`: 32 characters or more; another secret makes all earlier tokens void."""

    def __init__(self, secret: str) -> None:
        if len(secret) < LEAST_CHARACTERS:
            raise SettingInvalid(f"the signing secret has {len(secret)} characters; {LEAST_CHARACTERS} or more are needed")
        self._key = secret.encode("utf-8")

    def new_id(self) -> str:
        """A new random id: 32 hexadecimal digits, 128 bits."""
        return secrets.token_hex(16)

    def sign(self, conversation_id: str) -> str:
        """The token of this conversation: `v1.` and 43 characters of URL-safe base64."""
        mac = hmac.new(self._key, f"{VERSION}\n{conversation_id}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return f"{VERSION}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode('ascii')}"

    def opens(self, conversation_id: str, token: str) -> bool:
        """True where `token` was signed for this conversation. Takes the same time wherever they differ."""
        return hmac.compare_digest(self.sign(conversation_id).encode("utf-8"), token.encode("utf-8", "surrogatepass"))


def kept_secret(data_dir: Path) -> str:
    """The secret in `data_dir`, made on first use, readable by its owner alone (0600). Two processes that start at once get the same.

    Raises `DataDirUnwritable` where it cannot be made or read, `SettingInvalid` where the file holds too little.
    """
    path = data_dir / SECRET_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _place(path, secrets.token_urlsafe(48))
        path.chmod(0o600)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataDirUnwritable(
            f"the signing secret {path} cannot be made or read ({type(error).__name__}); "
            "make the folder writable for this user, or set SHOPGUIDE_DATA_DIR to one that is, or set SHOPGUIDE_SECRET"
        ) from error
    if len(secret) < LEAST_CHARACTERS:
        raise SettingInvalid(
            f"{path} holds {len(secret)} characters, {LEAST_CHARACTERS} or more are needed; delete it for a new one"
        )
    return secret


def _place(path: Path, secret: str) -> None:
    """Puts a whole file at `path`, or leaves the one that another process put there meanwhile."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass  # the other process's secret stands
    finally:
        made.unlink()
