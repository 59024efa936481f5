"""What an operator sets of the deadlines of data subjects' requests."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("PrivacySettings",)


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """Requests about personal data: the periods are our choice, not verified against the law."""

    access_days: int = setting(10, "Days to answer a request for access (unverified).", 1)
    correction_days: int = setting(10, "Days to answer a request to correct (unverified).", 1)
    erasure_days: int = setting(10, "Days to answer a request to erase (unverified).", 1)
    restriction_days: int = setting(10, "Days to answer a request to restrict (unverified).", 1)
    withdrawal_days: int = setting(
        10, "Days to answer a withdrawal of consent on paper (unverified).", 1
    )
