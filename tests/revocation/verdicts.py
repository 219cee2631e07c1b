"""What the text of a token is good for, in one word."""

from revocation import guard
from revocation.errors import RevocationError
from revocation.tokens import read_refresh


def judged(text: str) -> str:
    """Return "good", or the reason why an access token is refused."""
    try:
        guard.judge(text)
    except RevocationError as refusal:
        return refusal.reason
    return "good"


def read(text: str) -> str:
    """Return the same of a refresh token, without asking for its session."""
    try:
        read_refresh(text)
    except RevocationError as refusal:
        return refusal.reason
    return "good"
