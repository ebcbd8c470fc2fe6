"""The one exception type users are meant to read."""


class KetaclaimsError(Exception):
    """Something a person can act on: what, where, why, what to do next. Never holds file content."""

    def __init__(self, code: str, cause: str, *, where: str = "", next_step: str = "") -> None:
        self.code, self.cause, self.where, self.next_step = code, cause, where, next_step
        super().__init__(
            " ".join(p for p in (f"{code}:", f"{where}:" if where else "", cause, next_step) if p)
        )
