"""Whoever has our keys and our lists honours what we revoked, and nobody else is turned away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Event, Thread

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from revocation import blacklist, guard, sessions
from revocation.errors import RevocationUnavailable, TokenInvalid, TokenRevoked, UserInactive
from revocation.keys import key_ring
from revocation.models import RevokedToken, Session, StatusTicket
from revocation.status_bits import statuses
from revocation.status_index import (
    CHUNK_SIZE,
    LIST_SIZE,
    _order,
    first_unsettled,
    order_of,
    position_in,
)
from revocation.status_list import build, current_list
from revocation.tokens import read_access, read_refresh
from tests.revocation import status
from tests.revocation.status import bit, claims_of, entry_of, is_invalid, position_of
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

# From here on, no sign-in of the test's can still be under way.
SETTLED = timedelta(minutes=2)
SMALL = 64


@pytest.fixture(autouse=True)
def _served(settings):
    settings.GRAPHQL_JWT = status.KEYS
    settings.REVOCATION = settings.REVOCATION | status.ON


@pytest.fixture
def bob(make_user):
    return make_user("bob")


def rotate(pair):
    return sessions.rotate(read_refresh(pair.refresh_token))


def logged_out(pair):
    sessions.end(read_access(pair.access_token))


def ended_by_an_operator(pair):
    sessions.end_by_id(read_access(pair.access_token).sid)


def ended_everywhere(pair):
    sessions.end_all(pair.user)


def ended_with_everybodys(pair):
    list(sessions.end_everything())


def revoked_alone(pair):
    blacklist.revoke_token(read_access(pair.access_token))


def reused(pair):
    rotate(rotate(pair))
    with pytest.raises(Exception, match="Invalid refresh token"):
        rotate(pair)


def blacklisted_by_hand(pair):
    until = timezone.now() + timedelta(days=1)
    RevokedToken.objects.create(key=read_access(pair.access_token).sid, expires_at=until)


def deactivated(pair):
    users().filter(pk=pair.user.pk).update(is_active=False)


def given_another_password_by_hand(pair):
    users().filter(pk=pair.user.pk).update(password="another")


def user_deleted(pair):
    pair.user.delete()


def user_deleted_by_hand(pair):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM auth_user WHERE id = %s", [pair.user.pk])


def user_replaced_by_hand(pair):
    user_deleted_by_hand(pair)
    users().create_user("mallory", password="x", id=pair.user.pk)


def users():
    return get_user_model().objects


WAYS = [
    logged_out,
    ended_by_an_operator,
    ended_everywhere,
    ended_with_everybodys,
    revoked_alone,
    reused,
    blacklisted_by_hand,
    deactivated,
    given_another_password_by_hand,
    user_deleted,
    user_deleted_by_hand,
    user_replaced_by_hand,
]


@pytest.fixture(params=["a column", "computed"])
def _is_active(request, monkeypatch):
    """A project may compute whether a user is active; then each user is asked."""
    if request.param == "computed":
        monkeypatch.setattr("revocation.status_bits._has_column", lambda name: False)


@pytest.mark.usefixtures("_is_active")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_is_refused_here_is_invalid_there_at_once_and_stays_so(issued, bob, way):
    other = None if way is ended_with_everybodys else sessions.open_session(bob).access_token
    assert not is_invalid(issued.access_token)

    way(issued)

    with pytest.raises((TokenRevoked, UserInactive)):
        guard.judge(issued.access_token)
    assert is_invalid(issued.access_token)
    assert is_invalid(issued.access_token, now=timezone.now() + SETTLED)
    assert other is None or not is_invalid(other)


def test_a_session_whose_row_is_gone_is_invalid_when_it_can_be_no_sign_in_under_way(issued):
    Session.objects.all().delete()

    assert is_invalid(issued.access_token, now=timezone.now() + SETTLED)


def test_a_sign_in_under_way_is_none_of_these(issued):
    """Its number was drawn, and its row is not committed yet."""
    Session.objects.all().delete()

    assert not is_invalid(issued.access_token)


def test_nor_one_whose_number_was_drawn_again(alice, issued):
    """After a rollback, say, when others have long been drawn after it."""
    pairs = [issued, *(sessions.open_session(alice) for _ in range(3))]
    StatusTicket.objects.update(taken_at=timezone.now() - SETTLED)
    number = StatusTicket.objects.latest("pk").pk - 2
    StatusTicket.objects.filter(pk=number).update(taken_at=timezone.now())
    Session.objects.all().delete()

    assert [is_invalid(pair.access_token) for pair in pairs].count(0) == 3
    assert is_invalid(pairs[0].access_token)


def test_nor_one_that_was_drawn_before_another_that_is_committed(alice, issued):
    """After a quiet minute: of the two, only the later one can be seen yet."""
    StatusTicket.objects.update(taken_at=timezone.now() - SETTLED)
    first, second = (sessions.open_session(alice) for _ in range(2))
    Session.objects.filter(pk=read_access(first.access_token).sid).delete()
    StatusTicket.objects.filter(pk=StatusTicket.objects.latest("pk").pk - 1).delete()

    assert not is_invalid(first.access_token)
    assert not is_invalid(second.access_token)
    assert is_invalid(first.access_token, now=timezone.now() + SETTLED)


def test_nobody_else_is_ever_given_the_index_of_a_session_that_is_gone(alice, issued):
    Session.objects.all().delete()
    RevokedToken.objects.all().delete()
    StatusTicket.objects.exclude(pk=StatusTicket.objects.latest("pk").pk).delete()
    later = {position_of(sessions.open_session(alice).access_token) for _ in range(30)}

    assert len(later) == 30
    assert position_of(issued.access_token) not in later


def test_an_index_nobody_has_yet_is_valid(issued):
    """A list may be kept while somebody signs in."""
    bits = statuses(0, now=timezone.now() + SETTLED)
    drawn = first_unsettled(now=timezone.now() + SETTLED)

    assert len(bits) * 8 == LIST_SIZE
    # Number 0 is never drawn, and there are gaps where a sign-in failed.
    assert sum(byte.bit_count() for byte in bits) == drawn - 1
    assert bits[CHUNK_SIZE // 8 * (1 + drawn // CHUNK_SIZE) :].count(0) == len(bits) - (
        CHUNK_SIZE // 8 * (1 + drawn // CHUNK_SIZE)
    )


@pytest.fixture
def _small_chunks(monkeypatch):
    """So small that tests come to their ends."""
    for module in ("status_index", "status_bits"):
        monkeypatch.setattr(f"revocation.{module}.CHUNK_SIZE", SMALL)
    _order.cache_clear()
    yield
    _order.cache_clear()


def draw_up_to(place):
    """Let the next number be the one that comes at this place of a chunk; return the first."""
    drawn = [StatusTicket.objects.create().pk]
    while (drawn[-1] + 1) % SMALL != place:
        drawn.append(StatusTicket.objects.create().pk)
    return drawn[0]


@pytest.fixture
def half_full(alice, _small_chunks):
    """Half of a chunk was drawn long ago: what comes next stands before and behind that."""
    draw_up_to(SMALL // 2)
    StatusTicket.objects.update(taken_at=timezone.now() - SETTLED)
    return [sessions.open_session(alice) for _ in range(20)]


def test_what_ended_right_after_its_sign_in_is_invalid_wherever_it_stands(half_full, alice):
    kept = sessions.open_session(alice)
    for pair in half_full:
        logged_out(pair)

    border = first_unsettled()
    assert {position_of(pair.access_token) < border for pair in half_full} == {True, False}
    assert all(is_invalid(pair.access_token) for pair in half_full)
    assert not is_invalid(kept.access_token)


def test_a_list_longer_than_what_is_read_at_once_misses_nobody(half_full, bob, monkeypatch):
    monkeypatch.setattr("revocation.status_bits._ROWS_AT_ONCE", 3)
    others = [sessions.open_session(bob) for _ in range(4)]
    sessions.end_all(bob)
    now = timezone.now() + SETTLED

    assert not any(is_invalid(pair.access_token, now=now) for pair in half_full)
    assert all(is_invalid(pair.access_token, now=now) for pair in others)


@pytest.mark.usefixtures("_small_chunks")
def test_numbers_are_forgotten_when_nobody_can_need_them(alice):
    """Young ones stay, however many there are: their sign-ins may be under way."""
    old, young = draw_up_to(SMALL - 1), draw_up_to(SMALL - 1)
    StatusTicket.objects.filter(pk=old).update(taken_at=timezone.now() - timedelta(hours=1))
    assert sessions.open_session(alice)
    assert StatusTicket.objects.filter(pk=old).exists()

    sessions.open_session(alice)

    assert not StatusTicket.objects.filter(pk=old).exists()
    assert StatusTicket.objects.filter(pk=young).exists()


def test_a_list_made_before_a_sign_in_lets_it_in(alice, issued):
    kept = current_list(0)

    entry = entry_of(sessions.open_session(alice).access_token)

    assert bit(status.bits_of(kept.token), entry["idx"]) == 0


class TestReference:
    def test_is_the_same_for_as_long_as_the_session_goes_on(self, issued):
        entry = entry_of(issued.access_token)
        successor = rotate(issued)

        assert entry_of(successor.access_token) == entry
        assert entry_of(rotate(successor).access_token) == entry
        assert entry["uri"] == f"{status.URL}/0"
        assert not is_invalid(successor.access_token)

    def test_is_in_no_refresh_token_and_not_for_the_project_to_say(self, alice, settings):
        settings.GRAPHQL_JWT = status.KEYS | {
            "JWT_PAYLOAD_HANDLER": lambda user, context: {"status": "mine", "tenant": 7}
        }
        pair = sessions.open_session(alice)

        assert "status" not in claims_of(pair.refresh_token)
        assert claims_of(pair.access_token)["tenant"] == 7
        assert entry_of(pair.access_token)["uri"].startswith(status.URL)

    def test_is_not_there_where_no_lists_are_served(self, alice, settings):
        settings.REVOCATION = {}
        settings.GRAPHQL_JWT = status.KEYS | {
            "JWT_PAYLOAD_HANDLER": lambda user, context: {"status": "gold"}
        }
        pair = sessions.open_session(alice)
        revoked_alone(pair)

        assert claims_of(pair.access_token)["status"] == "gold"
        assert not StatusTicket.objects.exists()
        assert Session.objects.latest("created_at").status_position is None

    def test_is_given_to_an_older_session_at_its_next_refresh(self, alice, settings):
        lists = settings.REVOCATION
        settings.REVOCATION = {}
        old = sessions.open_session(alice)
        settings.REVOCATION = lists

        newer = rotate(old)
        newest = rotate(newer)

        assert entry_of(newer.access_token) == entry_of(newest.access_token)
        logged_out(newest)
        assert is_invalid(newer.access_token)

    def test_tells_nobody_who_came_after_whom(self, alice):
        places = [entry_of(sessions.open_session(alice).access_token)["idx"] for _ in range(40)]

        steps = {later - earlier for earlier, later in pairwise(places)}
        assert len(steps) > 35
        assert any(step < 0 for step in steps)
        assert max(places) - min(places) > CHUNK_SIZE // 4
        assert all(place < CHUNK_SIZE * 2 for place in places)

    def test_names_the_next_list_when_one_is_full(self, alice):
        pairs = [sessions.open_session(alice) for _ in range(2)]
        for pair, position in zip(pairs, (LIST_SIZE * 3 - 1, LIST_SIZE * 3), strict=True):
            mine = Session.objects.filter(pk=read_access(pair.access_token).sid)
            mine.update(status_position=position)
        last, first = (rotate(pair).access_token for pair in pairs)

        assert entry_of(last) == {"idx": LIST_SIZE - 1, "uri": f"{status.URL}/2"}
        assert entry_of(first) == {"idx": 0, "uri": f"{status.URL}/3"}
        assert not is_invalid(last)
        assert not is_invalid(first)
        blacklist.revoke_token(read_access(last))
        sessions.end_all(alice)
        assert is_invalid(last)
        assert is_invalid(first)


class TestTokenRevokedAlone:
    """The rest of its session goes on, there as here, with another index."""

    def test_the_session_goes_on_from_its_next_refresh(self, issued):
        revoked_alone(issued)
        successor = rotate(issued)

        assert is_invalid(issued.access_token)
        assert not is_invalid(successor.access_token)
        assert guard.judge(successor.access_token)

    def test_its_index_is_invalid_for_good(self, issued):
        revoked_alone(issued)
        rotate(issued)
        RevokedToken.objects.all().delete()

        assert is_invalid(issued.access_token, now=timezone.now() + SETTLED)

    def test_revoking_it_again_takes_nothing_from_the_successor(self, issued):
        revoked_alone(issued)
        successor = rotate(issued)
        revoked_alone(issued)

        assert not is_invalid(successor.access_token)
        assert entry_of(rotate(successor).access_token) == entry_of(successor.access_token)

    def test_by_a_worker_that_serves_no_lists_it_is_invalid_too(self, issued, settings):
        lists, settings.REVOCATION = settings.REVOCATION, {}
        revoked_alone(issued)
        settings.REVOCATION = lists

        assert is_invalid(issued.access_token)


class TestClaim:
    """What a token says of its place is taken for one only where it can be ours."""

    @pytest.mark.parametrize(
        ("idx", "uri", "position"),
        [
            (0, f"{status.URL}/0", 0),
            (7, f"{status.URL}/3", 3 * LIST_SIZE + 7),
            (LIST_SIZE - 1, "https://elsewhere.example.com/lists/1", 2 * LIST_SIZE - 1),
            (LIST_SIZE, f"{status.URL}/0", None),
            (-1, f"{status.URL}/1", None),
            ("7", f"{status.URL}/0", None),
            (7, f"{status.URL}/-1", None),
            (7, f"{status.URL}/x", None),
            (7, f"{status.URL}/\N{SUPERSCRIPT TWO}", None),
            (7, f"{status.URL}/\N{ARABIC-INDIC DIGIT TWO}", None),
            (7, f"{status.URL}/{'9' * 19}", None),
            (7, f"{status.URL}/", None),
            (7, 0, None),
        ],
    )
    def test_is_read_strictly(self, idx, uri, position):
        claims = {"status": {"status_list": {"idx": idx, "uri": uri}}}

        assert position_in(claims) == position

    @pytest.mark.parametrize("said", ["gold", None, {}, {"status_list": "gold"}, [{"idx": 1}]])
    def test_of_a_projects_own_is_none(self, said):
        assert position_in({"status": said}) is None


class TestCost:
    """What is promised of statements holds with lists, too."""

    @pytest.fixture(autouse=True)
    def _name_known(self, alice):
        """A process asks for the database's name once, when it is committed."""
        for _ in range(2):
            order_of(0)

    def test_a_refresh_costs_as_much_as_ever(self, issued, django_assert_num_queries):
        with django_assert_num_queries(4) as statements:
            rotate(issued)

        verbs = [query["sql"].split()[0] for query in statements.captured_queries]
        assert verbs == ["SELECT", "SAVEPOINT", "UPDATE", "RELEASE"]

    def test_a_logout_costs_three_statements(self, issued, django_assert_num_queries):
        with django_assert_num_queries(5):
            logged_out(issued)

    def test_a_protected_request_costs_one(self, issued, django_assert_num_queries):
        with django_assert_num_queries(1):
            guard.judge(issued.access_token)

    def test_a_sign_in_draws_a_number_and_looks_whether_it_is_free(
        self, alice, issued, settings, django_assert_num_queries
    ):
        lists = settings.REVOCATION
        settings.REVOCATION = {}
        with CaptureQueriesContext(connection) as without:
            sessions.open_session(alice)
        settings.REVOCATION = lists
        with django_assert_num_queries(len(without) + 2) as statements:
            sessions.open_session(alice)

        added = [query["sql"] for query in statements.captured_queries if "status" in query["sql"]]
        assert [sql.split()[0] for sql in added] == ["INSERT", "SELECT", "INSERT"]

    def test_a_list_is_made_of_a_few_statements_whoever_asks(
        self, issued, django_assert_num_queries
    ):
        now = timezone.now()
        with django_assert_num_queries(5):
            made = current_list(0, now=now)
        with django_assert_num_queries(0):
            assert all(current_list(0, now=now) is made for _ in range(10))


class TestLifetime:
    """age + max-age + ttl <= lifetime, and nothing is believed when that is over."""

    @pytest.mark.parametrize("lifetime", [2, 3, 7.5, 60, 3600])
    def test_nobody_keeps_a_list_for_longer_than_it_lives(self, issued, settings, lifetime):
        settings.REVOCATION = settings.REVOCATION | {"STATUS_LIST_LIFETIME": lifetime}
        start = timezone.now()
        for tick in range(60):
            now = start + timedelta(seconds=tick * lifetime / 17)
            handed = current_list(0, now=now)
            said = claims_of(handed.token)
            age = now.timestamp() - handed.built_at

            assert 0 <= age < lifetime / 2
            assert age + handed.max_age(now.timestamp()) + said["ttl"] <= lifetime
            assert said["exp"] <= handed.built_at + lifetime
            assert said["ttl"] >= 1
            assert said["iat"] <= handed.built_at

    def test_what_is_revoked_is_known_to_all_within_a_lifetime(self, issued):
        """Whenever it happens between two lists."""
        start = timezone.now()
        before = current_list(0, now=start)
        logged_out(issued)
        idx = entry_of(issued.access_token)["idx"]
        seconds = range(1, 61)
        lists = [before, *(current_list(0, now=start + timedelta(seconds=s)) for s in seconds)]

        wrong = [one for one in lists if not bit(status.bits_of(one.token), idx)]
        assert wrong
        assert max(claims_of(one.token)["exp"] for one in wrong) <= start.timestamp() + 60

    def test_it_is_made_twice_in_a_lifetime(self, issued):
        start = timezone.now()
        made = {current_list(0, now=start + timedelta(seconds=s)) for s in range(120)}

        assert len(made) == 4

    def test_a_clock_that_was_set_back_makes_no_old_list_young(self, issued):
        now = timezone.now()
        ahead = current_list(0, now=now + timedelta(hours=1))

        assert current_list(0, now=now) is not ahead

    def test_while_the_database_is_away_the_last_one_serves_until_it_expires(
        self, issued, monkeypatch
    ):
        now = timezone.now()
        last = current_list(0, now=now)

        def fail(*_, **__):
            raise RevocationUnavailable

        monkeypatch.setattr("revocation.status_list.build", fail)
        assert current_list(0, now=now + timedelta(seconds=58)) is last
        # Whoever got it in its last second would find it expired.
        for seconds in (59.1, 60):
            with pytest.raises(RevocationUnavailable):
                current_list(0, now=now + timedelta(seconds=seconds))

    def test_a_list_counts_from_before_the_first_look_at_the_database(self, issued, monkeypatch):
        """Whatever is committed while it is being made may be missing in it."""
        looked_at = []

        def look(*args, **kwargs):
            looked_at.append(timezone.now().timestamp())
            return statuses(*args, **kwargs)

        monkeypatch.setattr("revocation.status_list.statuses", look)
        made = build(0)

        assert made.built_at <= looked_at[0]
        assert claims_of(made.token)["exp"] <= looked_at[0] + 60

    def test_while_one_thread_makes_the_next_the_others_hand_out_the_last(
        self, issued, monkeypatch
    ):
        now = timezone.now()
        last = current_list(0, now=now)
        has_begun, may_end = Event(), Event()

        def take_long(number, **_):
            has_begun.set()
            may_end.wait(PATIENCE_SECONDS / 10)
            return last

        monkeypatch.setattr("revocation.status_list.build", take_long)
        later = now + timedelta(seconds=40)
        maker = Thread(target=current_list, args=(0,), kwargs={"now": later})
        maker.start()
        has_begun.wait(PATIENCE_SECONDS)
        handed = current_list(0, now=later)
        is_under_way = maker.is_alive()
        may_end.set()
        maker.join()

        assert handed is last
        assert is_under_way
        assert handed.max_age(later.timestamp()) == 0

    def test_threads_that_have_nothing_to_hand_out_wait_for_one_that_makes_it(
        self, issued, monkeypatch
    ):
        now = timezone.now()
        later = now + timedelta(hours=1)
        current_list(0, now=now)
        next_one, has_begun, may_end, made = build(0, now=later), Event(), Event(), []

        def take_long(number, **_):
            made.append(number)
            has_begun.set()
            may_end.wait(PATIENCE_SECONDS)
            return next_one

        monkeypatch.setattr("revocation.status_list.build", take_long)
        with ThreadPoolExecutor(4) as pool:
            handed = [pool.submit(current_list, 0, now=later) for _ in range(4)]
            has_begun.wait(PATIENCE_SECONDS)
            may_end.set()

        assert {one.result() for one in handed} == {next_one}
        assert made == [0]

    def test_a_process_keeps_a_few_lists_those_asked_for_last(self, issued, monkeypatch):
        monkeypatch.setattr("revocation.status_list._REMEMBERED_LISTS", 2)
        monkeypatch.setattr("revocation.status_list.last_list", lambda: 2)
        now = timezone.now()
        first, second, third = (current_list(number, now=now) for number in range(3))

        assert current_list(2, now=now) is third
        assert current_list(1, now=now) is second
        assert current_list(0, now=now) is not first


class TestSignature:
    @pytest.mark.parametrize("alg", status.PAIRS)
    def test_is_of_our_key_ring(self, alice, settings, client, alg):
        settings.GRAPHQL_JWT = status.PAIRS[alg] | {"JWT_ISSUER": "https://api.example.com"}
        sessions.open_session(alice)
        made = build(0).token.decode()

        header = jwt.get_unverified_header(made)
        keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").json())
        claims = jwt.decode(made, keys[header["kid"]], algorithms=[alg])
        assert (header["typ"], header["kid"]) == ("statuslist+jwt", key_ring().kid)
        assert claims["sub"] == f"{status.URL}/0"
        assert claims["iss"] == "https://api.example.com"
        assert claims["exp"] - claims["iat"] == 60

    def test_makes_no_token_of_it(self, issued):
        made = build(0).token.decode()

        with pytest.raises(TokenInvalid):
            read_access(made)


class TestHTTP:
    @pytest.fixture
    def answer(self, client, issued):
        return client.get("/status/0")

    def test_says_what_it_is_and_how_long_it_may_be_kept(self, answer, client):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/statuslist+jwt"
        assert answer.headers["Cache-Control"] in {"public, max-age=29", "public, max-age=30"}
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in answer.headers
        assert not answer.cookies
        assert claims_of(answer.content)["sub"] == f"{status.URL}/0"

    def test_what_somebody_has_is_not_sent_again(self, answer, client):
        again = client.get("/status/0", headers={"if-none-match": answer.headers["ETag"]})
        other = client.get("/status/0", headers={"if-none-match": '"other"'})

        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
        assert "max-age" in again.headers["Cache-Control"]
        assert other.content == answer.content

    def test_nobody_needs_to_be_signed_in(self, answer, client):
        assert client.get("/status/0", headers={"authorization": "Bearer x"}).status_code == 200

    def test_a_head_has_no_body_and_nothing_is_written(self, answer, client):
        assert client.head("/status/0").content == b""
        assert client.post("/status/0").status_code == 405

    @pytest.mark.parametrize("path", ["1", "77", "9" * 30, "9" * 5000, "-1", "x", "0/", "%00"])
    def test_a_list_of_which_no_token_speaks_is_not_found(self, answer, client, path):
        assert client.get(f"/status/{path}").status_code == 404

    def test_a_refusal_is_short_and_not_kept(self, answer, client):
        refused = client.get("/status/1")

        assert (refused.status_code, refused.content) == (404, b"Not Found")
        assert refused.headers["Content-Type"] == "text/plain"
        assert refused.headers["Cache-Control"] == "no-store"

    def test_the_past_is_told_to_nobody(self, answer, client):
        assert client.get("/status/0?time=1686925000").status_code == 501

    def test_without_the_setting_there_is_nothing(self, answer, client, settings):
        settings.REVOCATION = {}

        assert client.get("/status/0").status_code == 404

    def test_without_a_session_there_is_nothing(self, client):
        assert client.get("/status/0").status_code == 404

    def test_whether_it_is_there_cannot_be_known_either(self, client, issued, monkeypatch):
        def fail():
            raise DatabaseError

        monkeypatch.setattr("revocation.status_list.last_list", fail)
        assert client.get("/status/0").status_code == 503

    def test_in_doubt_it_is_not_available(self, answer, client, monkeypatch):
        def fail(*_, **__):
            raise RevocationUnavailable

        monkeypatch.setattr("revocation.wellknown.current_list", fail)
        refused = client.get("/status/0")
        assert (refused.status_code, refused.content) == (503, b"Service Unavailable")
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
class TestRedis:
    def test_what_is_revoked_there_is_in_the_list(self, redis_store, alice, settings):
        pairs = [sessions.open_session(alice) for _ in range(3)]
        logged_out(pairs[0])
        revoked_alone(pairs[1])

        assert [bool(is_invalid(pair.access_token)) for pair in pairs] == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_a_number_that_was_undone_is_given_to_nobody_who_has_it_already(alice):
    """SQLite draws it again; whoever has it keeps it."""
    first = sessions.open_session(alice)
    with transaction.atomic():
        undone = sessions.open_session(alice)
        transaction.set_rollback(True)
    later = [sessions.open_session(alice) for _ in range(3)]

    positions = [position_of(pair.access_token) for pair in (first, *later)]
    assert len(set(positions)) == 4
    assert not any(is_invalid(pair.access_token) for pair in later)
    with pytest.raises(TokenRevoked):
        guard.judge(undone.access_token)


@pytest.mark.django_db(transaction=True)
def test_a_name_that_was_undone_orders_nothing(alice, monkeypatch):
    """What order there is must be the one that every other process finds."""
    monkeypatch.setattr("revocation.status_index._NAMES", {})
    with transaction.atomic():
        undone = order_of(0)
        transaction.set_rollback(True)

    assert order_of(0) == order_of(0) != undone


@pytest.mark.django_db(transaction=True)
def test_a_list_is_made_in_no_transaction(client, alice, monkeypatch):
    """On SQLite nobody else could write meanwhile; elsewhere it might show what was true before."""
    sessions.open_session(alice)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    seen = []

    def look(*args, **kwargs):
        seen.append(connection.in_atomic_block)
        return statuses(*args, **kwargs)

    monkeypatch.setattr("revocation.status_list.statuses", look)
    assert client.get("/status/0").status_code == 200
    assert seen == [False]
