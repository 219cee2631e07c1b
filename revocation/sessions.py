"""Verbs on sessions: open, rotate, end, end all, list, purge."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connections
from django.http import HttpRequest
from django.utils import timezone

from . import journal, liveness, opening, purging, signals, status_index, unseen
from .blacklist import retention_end
from .capping import SignIn
from .claims import AccessClaims, RefreshClaims, is_id, pk_of
from .conf import conf
from .errors import (
    RefreshReused,
    RefreshUserInactive,
    RevocationUnavailable,
    SessionEnded,
    refusing_when_unavailable,
)
from .issue import Lifetimes, TokenPair, lifetimes_from, new_session, sign_pair
from .models import Session, primary_database, session_rows
from .occasions import OWNER, Reason, because
from .stores import current_store

# What was ended so lately may not have been told to every store by who ended it.
_UNDER_WAY = timedelta(minutes=1)
# A statement has room for so many parameters.
_ROWS_AT_ONCE = 400


def open_session(
    user: Any, *, request: HttpRequest | None = None, now: datetime | None = None
) -> TokenPair:
    """Record that `user` signed in and return the first token pair of the session."""
    opened_at = now or timezone.now()
    lifetimes = lifetimes_from(opened_at, now=opened_at)
    session = new_session(user, lifetimes, opened_at=opened_at, request=request)
    sign_in = SignIn(session, end_rows)
    with because(Reason.SIGN_IN, actor=user, request=request):
        journal.durably(
            sign_in.write,
            using=primary_database(),
            again=sign_in.write_again,
            holds=partial(opening.holds, session),
        )
    return sign_pair(session, lifetimes)


def rotate(
    claims: RefreshClaims, *, request: HttpRequest | None = None, now: datetime | None = None
) -> TokenPair:
    """Exchange a refresh token for its successor (RFC 9700, 4.14.2).

    The immediate predecessor gets the same successor again within the grace window, which counts
    from the rotation and never slides; any older token, or the predecessor later, ends the session.
    Raises `RefreshRejected`. `now` stands in for the database's clock.
    """
    moment = now or timezone.now()
    session = load(claims, now=moment)
    lifetimes = lifetimes_from(session.created_at, now=moment)
    if session.generation == claims.gen:
        with because(Reason.REFRESH, actor=OWNER, request=request):
            is_ours = _advance(session, lifetimes, now=now)
        if is_ours:
            return sign_pair(session, lifetimes)
        session = load(claims, now=moment)
    if session.generation == claims.gen and conf().idle_timeout:
        # For good: a timeout raised again does not bring it back.
        with because(Reason.IDLE_TIMEOUT, request=request):
            end(claims)
        raise SessionEnded
    lifetimes = lifetimes.ending(liveness.idle_at(session))
    if session.generation == claims.gen + 1 and _extend_in_grace(session, lifetimes, now=now):
        return sign_pair(session, lifetimes)
    # Ended while we looked is no reuse: asking once more refuses with the reason that holds.
    session = load(claims, now=moment)
    with because(Reason.REFRESH_REUSED, request=request):
        _end_as_reused(session)
    raise RefreshReused


def end(*claims: AccessClaims | RefreshClaims) -> datetime:
    """End the sessions of tokens and return when the first of them ended.

    Ending it again asserts the same and loses nothing.
    """
    write = partial(end_rows, {one.sid for one in claims})
    ended = journal.durably_at_last(write, using=primary_database()) or []
    return min((row.ended_at for row in ended if row.ended_at), default=timezone.now())


def end_by_id(sid: str, *, user: AbstractBaseUser | None = None) -> bool:
    """End a session, if there is one, and the user's if one is given; return whether it is so."""
    with refusing_when_unavailable():
        found = session_rows().filter(pk=sid) if is_id(sid) else session_rows().none()
        is_there = (found if user is None else found.filter(user_id=pk_of(user))).exists()
    if is_there:
        journal.durably(partial(end_rows, [sid]), using=primary_database())
    return is_there


def end_all(user: AbstractBaseUser, *, but: str | None = None) -> int:
    """End the user's sessions, all or all `but` one; return how many were live."""
    pk, now, found = pk_of(user), timezone.now(), list[Session]()

    def write() -> list[Session]:
        # Until this is committed nobody opens another. Ended afterwards, out of the order of the
        # ids, it could be what somebody else holds who waits for the first ones.
        opening.lock_user(pk)
        unseen.revoke_of_user(pk)
        found[:] = session_rows().filter(user_id=pk).exclude(pk=but).dangerous(now=now)
        end_rows(session.id for session in found)
        return [session for session in found if session.ended_at is None]

    def again() -> None:
        lives = session_rows().unended().filter(pk__in=[one.id for one in ended[:1]]).exists()
        if lives or not unseen.is_revoked_of_user(pk):
            write()
        else:
            # Not undone: whoever has signed in since goes on.
            end_rows(session.id for session in found)

    ended = journal.durably(write, using=primary_database(), again=again)
    return len(liveness.live(ended, user, now=now))


def end_everything(*, batch: int = 1000) -> Iterator[int]:
    """End every session of everybody, yielding the size of each batch as it is committed."""
    journal.durably(unseen.revoke_everybodys, using=primary_database())
    unended = session_rows().unended().order_by("pk")
    ended_lately = session_rows().filter(ended_at__gt=timezone.now() - _UNDER_WAY)
    again = list(ended_lately.values_list("pk", flat=True))
    for start in range(0, len(again), batch):
        journal.durably(partial(end_rows, again[start : start + batch]), using=primary_database())
    while sids := list(unended.values_list("pk", flat=True)[:batch]):
        journal.durably(partial(end_rows, sids), using=primary_database())
        yield len(sids)


def end_rows(sids: Iterable[str]) -> list[Session]:
    """Mark rows as ended and blacklist their `sid`s, in the caller's transaction; return them.

    Rows are locked in the order of their ids, so that two verbs never wait for each other.
    """
    ended: list[Session] = []
    wanted = sorted(sids)
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        ended += _end_some(wanted[start : start + _ROWS_AT_ONCE])
    return ended


def live_sessions(user: AbstractBaseUser, *, now: datetime | None = None) -> list[Session]:
    """Return the user's live sessions, newest first."""
    unended = session_rows().unended().filter(user_id=pk_of(user)).order_by("-created_at", "pk")
    return liveness.live(unended, user, now=now or timezone.now())


def purge(*, batch: int = 1000, now: datetime | None = None) -> Iterator[int]:
    """Forget sessions whose every token has expired, yielding the size of each batch."""
    return purging.sizes(expired(now), limit=batch)


def expired(now: datetime | None = None) -> purging.Step:
    """Return the step that forgets such sessions, as of now or by the clocks there are."""
    before = (now or purging.earlier_now()) - conf().leeway - conf().retention_margin
    dead = session_rows().filter(access_expires_at__lt=before)
    return partial(purging.forget, dead, by="expires_at", before=before)


def _end_some(sids: list[str]) -> list[Session]:
    some = session_rows().filter(pk__in=sids)
    if len(sids) > 1 and connections[primary_database()].features.has_select_for_update:
        list(some.select_for_update().order_by("pk").values_list("pk"))
    moment = timezone.now()
    some.unended().update(ended_at=moment)
    # With their users, for whoever is told.
    ended = list(some.select_related("user"))
    if ended:
        latest = max(session.access_expires_at for session in ended)
        current_store().revoke([session.id for session in ended], until=retention_end(latest))
    for session in ended:
        if session.ended_at == moment:
            opening.tell(signals.session_ended, session)
    return ended


def load(claims: AccessClaims | RefreshClaims, *, now: datetime) -> Session:
    """Return the live session of a token with its user. Raises `RefreshRejected`."""
    with refusing_when_unavailable():
        session = session_rows().select_related("user").filter(pk=claims.sid).first()
    if session is None or str(session.user_id) != claims.sub:
        raise SessionEnded
    user = session.user
    if user is None or not user.is_active:
        raise RefreshUserInactive
    if session.ended_at is not None or not liveness.is_unexpired(session, user, now=now):
        raise SessionEnded
    return session


def _advance(session: Session, lifetimes: Lifetimes, *, now: datetime | None) -> bool:
    """Rotate the row, and the object with it. Returns False when another caller came first."""
    sid, gen, expires_at = session.id, session.generation, lifetimes.refresh_expires_at
    lacking = status_index.lacking(session)

    def write(within: timedelta | None = None) -> bool:
        ends = {"expires_at": expires_at, "access_expires_at": lifetimes.access_expires_at}
        columns = ends | lacking()
        is_ours = session_rows().advance(sid, gen=gen, within=within, now=now, **columns)
        if is_ours:
            opening.tell(signals.session_rotated, session)
        return is_ours

    def again() -> None:
        if not write() and not session_rows().has_advanced(sid, gen=gen, expires_at=expires_at):
            raise RevocationUnavailable

    in_time = partial(write, conf().idle_timeout)
    is_ours = journal.durably(in_time, using=primary_database(), again=again)
    if is_ours:
        session.generation += 1
        session.expires_at = lifetimes.refresh_expires_at
    return is_ours


def _extend_in_grace(session: Session, lifetimes: Lifetimes, *, now: datetime | None) -> bool:
    """Note the new access token on the row, if the grace window is open and the session live."""
    lacking = status_index.lacking(session)

    def write(within: timedelta | None = None) -> bool:
        columns = {"access_expires_at": lifetimes.access_expires_at} | lacking()
        gen = session.generation
        return session_rows().extend(session.id, gen=gen, within=within, now=now, **columns)

    # Made again, it is made for an answer that was given while the window was open.
    in_time = partial(write, conf().grace)
    return bool(conf().grace) and journal.durably(in_time, using=primary_database(), again=write)


def _end_as_reused(session: Session) -> None:
    def write() -> None:
        end_rows([session.id])
        opening.tell(signals.refresh_reused, session)

    journal.durably_at_last(write, using=primary_database())
