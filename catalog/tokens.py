"""Tokens: who may write over HTTP, and what. Only their digests are kept, beside the store; a token is shown once.

A token is 256 random bits, so that its SHA-256 gives nothing away and needs no salt. It may be revoked at any moment,
and ends by itself where it was given an end; the service reads the file anew when it has changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from catalog import schema
from catalog.errors import NotFound, StoreDamaged, UsageError
from catalog.releases import sync

FILE = "tokens.json"
PREFIX = "grn_"
"""How tokens begin, so that scanners for leaked secrets know them."""
HASHED = "sha256:"
Scope = Literal["publish", "update", "admin"]
SCOPES: dict[Scope, int] = {"publish": 1, "update": 2, "admin": 3}
"""Each may do what those before it may: replace local graphs; SPARQL Update; read /metrics from anywhere."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token without its secret. Moments are ISO 8601, UTC; empty where it has no end, or was not revoked."""

    name: str
    scope: Scope
    digest: str
    made: str
    until: str = ""
    revoked: str = ""

    def may(self, scope: Scope) -> bool:
        """Whether its scope includes this one."""
        return SCOPES[self.scope] >= SCOPES[scope]

    def valid(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return not self.revoked and (not self.until or now < datetime.fromisoformat(self.until))


class Tokens:
    """The tokens of one store folder, and those of `[write] tokens`, which may do all that is written."""

    def __init__(self, folder: Path, configured: Sequence[str] = ()) -> None:
        self.path = folder / FILE
        self._configured = [Token("[write] tokens", "update", _digest_of(t), "") for t in configured if t]
        self._read: tuple[tuple[int, int], list[Token]] | None = None

    def find(self, secret: str) -> Token | None:
        """The valid token of this secret; None for an unknown, revoked or expired one."""
        if not secret:
            return None
        digest, found = _digest(secret), None
        for token in self.all():  # all are compared, whichever it is
            if hmac.compare_digest(digest, token.digest) and token.valid(datetime.now(UTC)):
                found = token
        return found

    def any(self) -> bool:
        """Whether any token opens anything."""
        return any(token.valid(datetime.now(UTC)) for token in self.all())

    def all(self) -> list[Token]:
        """Every token, also those that are no longer valid. Raises `StoreDamaged` where the file cannot be read."""
        return [*self._configured, *self.kept()]

    def kept(self) -> list[Token]:
        """Those of the file."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return []
        mark = (state.st_mtime_ns, state.st_size)
        if self._read is None or self._read[0] != mark:
            self._read = mark, _load(self.path)
        return self._read[1]

    def create(self, name: str, scope: Scope, days: float | None = None) -> str:
        """A new token; returns the secret, which is kept nowhere. Raises `UsageError` for a name that is taken."""
        now = datetime.now(UTC)
        if any(token.name == name and token.valid(now) for token in self.kept()):
            raise UsageError(f"there is a token `{name}` already.", hint="Revoke it first, or choose another name.")
        secret = PREFIX + secrets.token_urlsafe(32)
        until = (now + timedelta(days=days)).isoformat("T", "seconds") if days else ""
        self._write([*self.kept(), Token(name, scope, _digest(secret), now.isoformat("T", "seconds"), until)])
        return secret

    def revoke(self, name: str) -> None:
        """Ends a token at once. Raises `NotFound`."""
        now = datetime.now(UTC)
        if not any(token.name == name and token.valid(now) for token in self.kept()):
            known = ", ".join(t.name for t in self.kept() if t.valid(now)) or "none"
            raise NotFound(f"there is no valid token `{name}`.", hint=f"Valid: {known}.")
        at = now.isoformat("T", "seconds")
        self._write([_ended(t, at) if t.name == name and t.valid(now) else t for t in self.kept()])

    def _write(self, tokens: list[Token]) -> None:
        pending = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                json.dump([asdict(token) for token in tokens], out, ensure_ascii=False, indent=1)
                out.flush()
                os.fsync(out.fileno())
            os.replace(pending, self.path)
            sync(self.path.parent)
        except OSError as e:
            raise schema.explained(e, self.path) from e
        self._read = None


def _ended(token: Token, at: str) -> Token:
    return Token(token.name, token.scope, token.digest, token.made, token.until, at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _digest_of(configured: str) -> str:
    """The digest of an entry of the settings: a secret, or `sha256:` and its digest."""
    return configured.removeprefix(HASHED) if configured.startswith(HASHED) else _digest(configured)


def _load(path: Path) -> list[Token]:
    try:
        known = {f.name for f in fields(Token)}
        rows = json.loads(path.read_text(encoding="utf-8"))
        found = [Token(**{k: v for k, v in row.items() if k in known}) for row in rows]
        _ = [SCOPES[token.scope] for token in found]  # a scope that is not known opens nothing
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise StoreDamaged(
            f"the tokens cannot be read ({e}).",
            what=str(path),
            hint="Nobody may write until they can; restore the file.",
        ) from e
    return found
