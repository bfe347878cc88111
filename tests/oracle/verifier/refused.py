"""The one exception of the verifier: something doesn't hold, and which rule says so."""


class Refused(Exception):
    """`name` as in proto/base/errors.def without SB_E_; `details` are for people."""

    def __init__(self, name: str, *details: object) -> None:
        super().__init__(name, *details)
        self.name = name
        self.details = details

    def __str__(self) -> str:
        words = ", ".join(d.hex() if isinstance(d, bytes) else str(d) for d in self.details)
        return f"{self.name} ({words})" if words else self.name
