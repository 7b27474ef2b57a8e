"""Failures of the conversation, sorted by who must act.

AssistantError
├── ShopperError             the shopper can mend it; `detail` is shown to her, `status` is the HTTP status
│   ├── MessageEmpty         422
│   ├── MessageTooLong       413
│   ├── NotFound             404  also for a wrong token: who may not see it does not learn that it is there
│   ├── BadRequest           422
│   ├── TooMany              429
│   └── Busy                 503
├── OwnerError               the shop owner can mend it: settings, ports, folders
│   ├── SettingInvalid
│   ├── DataDirUnwritable
│   └── PortInUse
└── ModelError               the language model failed; the composer takes over
    ├── ModelUnavailable     cannot be reached, or is not installed
    ├── ModelTimeout         nothing, or too little, in time
    └── ModelGarbage         an answer that is not of the agreed form
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of all failures of the conversation."""


class ShopperError(AssistantError):
    """`detail` says what was found, what is allowed and what to do, in words for the shopper. `retry_after_s`: whole seconds after
    which the same may work (HTTP's Retry-After); None where waiting does not help."""

    status = 400
    title = "This cannot be done"

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s


class MessageEmpty(ShopperError):
    """There was nothing to read in the message."""

    status = 422
    title = "The message is empty"


class MessageTooLong(ShopperError):
    """The message is longer than the limit."""

    status = 413
    title = "The message is too long"


class NotFound(ShopperError):
    """No such conversation or item for this token."""

    status = 404
    title = "Not found"


class BadRequest(ShopperError):
    """The request is not of the documented form."""

    status = 422
    title = "The request is not understood"


class TooMany(ShopperError):
    """The shopper's or client's allowance is used up for the moment."""

    status = 429
    title = "Too many requests"


class Busy(ShopperError):
    """The server cannot take another turn now."""

    status = 503
    title = "Busy"


class OwnerError(AssistantError):
    """The shop owner can mend it; the message says what to set or free."""


class SettingInvalid(OwnerError):
    """An environment variable holds what it may not."""


class DataDirUnwritable(OwnerError):
    """SHOPGUIDE_DATA_DIR cannot be written."""


class PortInUse(OwnerError):
    """Another program listens on the port."""


class ModelError(AssistantError):
    """The language model failed; nothing of the shop depends on it."""


class ModelUnavailable(ModelError):
    """It cannot be reached, loaded or found. `retry_after`: seconds that it asks us to wait. `final`: asking again will not help.
    `busy`: nothing is wrong with it, it writes for somebody else."""

    def __init__(self, message: str, retry_after: float | None = None, *, final: bool = False, busy: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.final = final
        self.busy = busy


class ModelTimeout(ModelError):
    """It did not answer in time."""


class ModelGarbage(ModelError):
    """It answered something else than what was agreed."""
