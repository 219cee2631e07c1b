"""The tables: blacklist, sessions, wrong passwords, the database's own name, numbers drawn."""

from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.db import models, router
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext_lazy as _

from .claims import new_id


class RevokedToken(models.Model):
    """A key that may no longer be used: the `jti` of a token or the `sid` of a session."""

    key = models.CharField(primary_key=True, max_length=32)
    revoked_at = models.DateTimeField(db_default=Now())
    # Nothing this key revokes can be valid any more after this moment.
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("revoked token")
        verbose_name_plural = _("revoked tokens")
        indexes = (
            # Copying to Redis what was revoked lately reads this index, not the table.
            models.Index(fields=["revoked_at", "key"], name="revocation_latest"),
            # A purge walks along this one.
            models.Index(fields=["expires_at", "key"], name="revocation_expired_keys"),
        )

    def __str__(self) -> str:
        return self.key


class SessionQuerySet(models.QuerySet["Session"]):
    """The statements that decide races. `now` stands in for the database's clock."""

    def unended(self) -> "SessionQuerySet":
        """Leave out what was ended."""
        return self.filter(ended_at__isnull=True)

    def dangerous(self, *, now: datetime) -> "SessionQuerySet":
        """Leave out what was ended, unless access tokens of it have not expired yet.

        Who ended it may not have come so far as to tell every store.
        """
        return self.filter(models.Q(ended_at__isnull=True) | models.Q(access_expires_at__gt=now))

    def advance(
        self,
        sid: str,
        *,
        gen: int,
        expires_at: datetime,
        access_expires_at: datetime,
        within: timedelta | None = None,
        now: datetime | None = None,
        **changes: Any,
    ) -> bool:
        """Move a session from generation `gen` to the next, if it is there and not ended.

        Only if that generation began `within` this time, where one is given. Of any number of
        callers one gets True.
        """
        unmoved = self.unended().filter(pk=sid, generation=gen)
        if within is not None:
            unmoved = unmoved.filter(rotated_at__gt=(now or Now()) - within)
        return (
            unmoved.update(
                generation=gen + 1,
                rotated_at=now or Now(),
                expires_at=expires_at,
                access_expires_at=_at_least(access_expires_at),
                **changes,
            )
            == 1
        )

    def has_advanced(self, sid: str, *, gen: int, expires_at: datetime) -> bool:
        """Whether a session stands where `advance` put it, or further.

        At the next generation with another `expires_at`, somebody else put it there, and holds a
        successor that is not ours.
        """
        ours = models.Q(generation=gen + 1, expires_at=expires_at)
        return self.filter(ours | models.Q(generation__gt=gen + 1), pk=sid).exists()

    def extend(
        self,
        sid: str,
        *,
        access_expires_at: datetime,
        gen: int | None = None,
        within: timedelta | None = None,
        now: datetime | None = None,
        **changes: Any,
    ) -> bool:
        """Note another access token: of generation `gen`, or any, that began `within` this time."""
        unmoved = self.unended().filter(pk=sid)
        if gen is not None:
            unmoved = unmoved.filter(generation=gen)
        if within is not None:
            unmoved = unmoved.filter(rotated_at__gt=(now or Now()) - within)
        return unmoved.update(access_expires_at=_at_least(access_expires_at), **changes) == 1


class Session(models.Model):
    """One sign-in on one device. Every token belongs to one, and is worth nothing without it."""

    id = models.CharField(primary_key=True, max_length=32, default=new_id)
    # Rows outlive a user deleted behind Django's back: no constraint forbids it, and joins keep
    # them, which Django does for a key that may be null. It never is.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    fingerprint = models.CharField(max_length=64)
    generation = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    # `exp` of the newest refresh token, and the latest `exp` of any access token ever issued.
    expires_at = models.DateTimeField()
    access_expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    # When those two were noted; NULL where there is nothing, or nothing any more. The database says
    # so too of rows that a release without the column writes: they are to be forgotten in time.
    device_at = models.DateTimeField(db_default=Now(), null=True)
    # Its place in the status lists, if it has one: nobody else ever has the same.
    status_position = models.BigIntegerField(null=True, unique=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        # A purge walks along these.
        indexes = (
            models.Index(fields=["expires_at", "id"], name="revocation_expired_sessions"),
            models.Index(fields=["device_at", "id"], name="revocation_noted_devices"),
        )

    def __str__(self) -> str:
        return self.id


class FailedAttempt(models.Model):
    """A wrong password, on one of the counters it weighs on; nothing of what was typed."""

    # Known before it is written: written again, it still counts once.
    id = models.CharField(primary_key=True, max_length=32, default=new_id)
    counter = models.CharField(max_length=32)
    failed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("failed attempt")
        verbose_name_plural = _("failed attempts")
        indexes = (
            # Counting reads this index and no row.
            models.Index(fields=["counter", "failed_at"], name="revocation_attempts"),
            # A purge walks along this one.
            models.Index(fields=["failed_at", "id"], name="revocation_expired_attempts"),
        )

    def __str__(self) -> str:
        return self.id


class Deployment(models.Model):
    """This database's own name, and which Redis may speak for it.

    By the name, what lies in a Redis is told from another deployment's. Of several nodes that are
    reached at once, after a failover say, the one that is named here may grant a lease.
    """

    # One row, or none before the first use.
    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=32, default=new_id)
    node = models.CharField(max_length=100, blank=True)
    node_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")

    def __str__(self) -> str:
        return self.name


class StatusTicket(models.Model):
    """A number drawn for a session's place in the status lists; no number is drawn twice."""

    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("status ticket")
        verbose_name_plural = _("status tickets")

    def __str__(self) -> str:
        return str(self.pk)


def fingerprint_of(password_hash: str, *, sid: str) -> str:
    """Digest a stored password hash, keyed by the session that remembers it.

    The key is no signing key and never rotates, so rotating those signs nobody out. It need not be
    secret: what is digested is itself a salted hash.
    """
    return blake2b(password_hash.encode(), key=sid.encode(), digest_size=32).hexdigest()


def is_fingerprint_of(fingerprint: str, password_hash: str, *, sid: str) -> bool:
    """Whether the password is still the one the session was opened with."""
    return compare_digest(fingerprint, fingerprint_of(password_hash, sid=sid))


def primary_database() -> str:
    """Return the alias that decides: a replica may not have heard of a logout yet."""
    return router.db_for_write(Session)


def session_rows() -> SessionQuerySet:
    """Return the session table of the primary database."""
    return Session.objects.using(primary_database())


def attempt_rows() -> models.QuerySet[FailedAttempt]:
    """Return the table of wrong passwords of the primary database."""
    return FailedAttempt.objects.using(primary_database())


def _at_least(access_expires_at: datetime) -> Greatest:
    """Keep the latest `exp` ever issued: a lifetime lowered since must not shorten the record."""
    candidate = models.Value(access_expires_at, output_field=models.DateTimeField())
    return Greatest(models.F("access_expires_at"), candidate)
