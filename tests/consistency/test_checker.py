"""Each rule of the checker, on histories written by hand: one that keeps it, one that breaks it."""

import pytest

from tests.consistency.checker import check
from tests.consistency.history import NO_ANSWER, UNAVAILABLE, UNREADABLE, UNSENT, Token
from tests.consistency.story import Story, access, refresh

GONE = "TOKEN_REVOKED"


def rules(story):
    return [violation.rule for violation in check(story.history()).violations]


@pytest.fixture
def story():
    """Session a is open from 0.5 on."""
    story = Story()
    story.sign_in("a", at=0)
    return story


@pytest.fixture
def faulty_story():
    """The same where something was broken on purpose."""
    story = Story(has_faults=True)
    story.sign_in("a", at=0)
    return story


class TestRevocation:
    def test_no_answer_after_an_acknowledged_logout(self, story):
        story.log_out("a", at=1)
        story.ask("a", at=2, outcome=GONE)
        assert rules(story) == []
        story.ask("a", at=3)
        # Twice: it was acknowledged, and it was seen.
        assert rules(story) == ["revoked", "revoked"]

    def test_an_answer_while_the_logout_is_under_way(self, story):
        story.log_out("a", at=1, until=4)
        story.ask("a", at=2)
        story.ask("a", at=3.9, until=9)
        assert rules(story) == []

    @pytest.mark.parametrize("kind", ["me", "verifyToken", "logoutAll"])
    def test_every_guarded_field_counts(self, story, kind):
        story.log_out("a", at=1)
        story.ask("a", at=2, kind=kind)
        assert rules(story) == ["revoked"]

    def test_a_session_revoked_by_another(self, story):
        story.sign_in("b", at=1)
        story.revoke("a", at=2, by="b")
        story.ask("b", at=3)
        assert rules(story) == []
        story.ask("a", at=3)
        assert rules(story) == ["revoked"]

    def test_a_refresh_token_given_up(self, story):
        story.add("revokeToken", 1, refresh=refresh("a", 0))
        story.ask("a", at=2)
        assert rules(story) == ["revoked"]

    def test_everywhere_means_every_session_opened_before(self, story):
        story.sign_in("b", at=1)
        story.sign_in("during", at=2, until=3)
        story.log_out_everywhere("a", at=2, until=3)
        story.sign_in("c", at=4)
        story.ask("c", at=5)
        story.ask("during", at=5)
        story.ask("b", at=5, outcome=GONE)
        assert rules(story) == []
        story.ask("b", at=5)
        assert rules(story) == ["revoked"]

    def test_everywhere_but_here(self, story):
        story.sign_in("b", at=1)
        story.log_out_everywhere("a", at=2, is_current_kept=True)
        story.ask("a", at=3)
        story.ask("b", at=3, outcome=GONE)
        assert rules(story) == []
        story.ask("a", at=4, outcome=GONE)
        assert rules(story) == ["cause"]

    def test_other_accounts_go_on(self, story):
        story.sign_in("b", at=1, account="bob")
        story.log_out_everywhere("a", at=2)
        story.ask("b", at=3, account="bob")
        assert rules(story) == []
        story.ask("b", at=4, account="bob", outcome=GONE)
        assert rules(story) == ["cause"]

    def test_a_changed_password_ends_all_but_its_successor(self, story):
        story.sign_in("b", at=1)
        story.change_password("a", at=2, old="", new="2", to="c")
        story.ask("c", at=3)
        story.ask("b", at=3, outcome=GONE)
        assert rules(story) == []
        story.ask("b", at=3)
        story.ask("a", at=3)
        assert rules(story) == ["revoked", "revoked"]

    def test_a_session_opened_with_the_old_password_while_it_was_changed(self, story):
        story.change_password("a", at=2, until=3, old="", new="2", to="c")
        story.sign_in("late", at=2.5, until=4)
        story.ask("late", at=5, outcome=GONE)
        assert rules(story) == []
        story.ask("late", at=4.1)
        assert rules(story) == ["revoked"]

    def test_reuse_that_was_found_ends_the_session(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 1, at=2)
        story.refresh("a", 0, at=3, outcome="REFRESH_REUSED")
        story.ask("a", at=4, outcome=GONE)
        assert rules(story) == []
        story.ask("a", at=3.6)
        assert rules(story) == ["revoked"]

    def test_what_was_seen_ended_stays_so(self, faulty_story):
        faulty_story.log_out("a", at=1, outcome=NO_ANSWER)
        faulty_story.ask("a", at=2)
        faulty_story.ask("a", at=3, outcome=GONE)
        assert rules(faulty_story) == []
        faulty_story.ask("a", at=4)
        assert rules(faulty_story) == ["revoked"]

    def test_redis_may_be_asked_before_it_has_heard(self):
        story = Story(store="redis")
        story.sign_in("a", at=0)
        story.log_out("a", at=1, until=9)
        story.refresh("a", 0, at=2, outcome="SESSION_ENDED")
        story.ask("a", at=3)
        assert rules(story) == []


class TestCause:
    def test_a_session_ends_because_somebody_ended_it(self, story):
        story.ask("a", at=1, outcome=GONE)
        assert rules(story) == ["cause"]

    def test_a_refresh_is_refused_because_somebody_ended_the_session(self, story):
        story.refresh("a", 0, at=1, outcome="SESSION_ENDED")
        assert rules(story) == ["cause"]

    def test_the_end_must_have_begun(self, story):
        story.ask("a", at=1, outcome=GONE)
        story.log_out("a", at=1.6)
        assert rules(story) == ["cause"]

    def test_a_logout_that_began_is_enough(self, story):
        story.ask("a", at=1, until=2, outcome=GONE)
        story.log_out("a", at=1.9, until=7)
        assert rules(story) == []

    @pytest.mark.parametrize("outcome", [NO_ANSWER, UNAVAILABLE, UNREADABLE])
    def test_a_logout_nobody_knows_of_may_have_taken_effect_or_not(self, outcome):
        refused, answered = (Story(has_faults=True) for _ in range(2))
        for story, seen in (refused, GONE), (answered, "data"):
            story.sign_in("a", at=0)
            story.log_out("a", at=1, outcome=outcome)
            story.ask("a", at=50, outcome=seen)
        assert "cause" not in rules(refused)
        assert "revoked" not in rules(answered)

    def test_a_logout_that_was_never_sent_is_no_cause(self, faulty_story):
        faulty_story.log_out("a", at=1, outcome=UNSENT)
        faulty_story.ask("a", at=2, outcome=GONE)
        assert rules(faulty_story) == ["cause"]

    def test_a_refused_logout_everywhere_is_no_cause(self, story):
        story.sign_in("b", at=1)
        story.log_out("b", at=2)
        story.log_out_everywhere("b", at=3, outcome=GONE)
        story.ask("a", at=4, outcome=GONE)
        assert rules(story) == ["cause"]

    def test_a_logout_everywhere_without_an_answer_may_come_late(self, faulty_story):
        faulty_story.log_out_everywhere("a", at=1, outcome=NO_ANSWER)
        faulty_story.sign_in("b", at=20)
        faulty_story.ask("b", at=30, outcome=GONE)
        assert rules(faulty_story) == []

    def test_a_logout_everywhere_that_was_answered_cannot(self, faulty_story):
        faulty_story.log_out_everywhere("a", at=1, outcome=UNAVAILABLE)
        faulty_story.sign_in("b", at=20)
        faulty_story.ask("b", at=30, outcome=GONE)
        assert rules(faulty_story) == ["cause"]

    def test_a_changed_password_nobody_knows_of_may_end_what_is_opened_with_the_old(
        self, faulty_story
    ):
        faulty_story.change_password("a", at=1, outcome=UNAVAILABLE, old="", new="2")
        faulty_story.sign_in("b", at=20)
        faulty_story.ask("b", at=30, outcome=GONE)
        assert rules(faulty_story) == []

    def test_a_changed_password_does_not_end_what_it_begins(self, story):
        story.change_password("a", at=1, old="", new="2", to="b")
        story.ask("b", at=2, outcome=GONE)
        assert rules(story) == ["cause"]

    def test_a_refresh_without_an_answer_is_a_cause_only_beside_another(self):
        alone, beside = (Story(has_faults=True) for _ in range(2))
        for story in alone, beside:
            story.sign_in("a", at=0)
            story.refresh("a", 0, at=1, outcome=NO_ANSWER)
        beside.refresh("a", 0, at=2)
        for story in alone, beside:
            story.ask("a", at=30, outcome=GONE)
        assert rules(alone) == ["cause"]
        assert rules(beside) == []

    def test_nobody_ends_a_strangers_session(self, story):
        story.sign_in("b", at=1, account="bob")
        story.revoke("a", at=2, by="b", account="bob", outcome="SESSION_NOT_FOUND")
        assert rules(story) == []
        story.ask("a", at=3, outcome=GONE)
        assert rules(story) == ["cause"]
        story.revoke("a", at=2, by="b", account="bob")
        assert rules(story) == ["cause", "identity"]

    def test_everybody_finds_their_own(self, story):
        story.revoke("a", at=2, by="a", outcome="SESSION_NOT_FOUND")
        assert rules(story) == ["cause"]


class TestChain:
    def test_whoever_comes_with_the_same_token_gets_the_same_successor(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 0, at=1.2)
        story.refresh("a", 0, at=4)
        assert rules(story) == []
        story.refresh("a", 0, at=1, new_refresh=refresh("a", 1, text="another"))
        assert rules(story) == ["fork"]

    def test_the_successor_is_the_next_generation(self, story):
        story.refresh("a", 0, at=1, new_refresh=refresh("a", 2))
        assert rules(story) == ["chain"]

    def test_a_token_is_no_good_once_its_successor_was_used(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 1, at=2, until=3)
        story.refresh("a", 0, at=2.5, until=4)
        assert rules(story) == []
        story.refresh("a", 0, at=3.1)
        assert rules(story) == ["chain"]

    def test_a_token_may_be_good_if_nobody_knows_of_its_successor(self, faulty_story):
        faulty_story.refresh("a", 0, at=1)
        faulty_story.refresh("a", 1, at=2, outcome=NO_ANSWER)
        faulty_story.refresh("a", 0, at=3)
        assert rules(faulty_story) == []

    def test_a_successor_used_afterwards_makes_no_reuse(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 0, at=2, outcome="REFRESH_REUSED")
        story.refresh("a", 1, at=2.6, outcome=NO_ANSWER)
        assert "cause" in rules(story)

    def test_the_window_closes_and_does_not_slide(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 0, at=5)
        assert rules(story) == []
        story.refresh("a", 0, at=7)
        assert rules(story) == ["chain"]

    def test_reuse_inside_the_window_is_none(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 0, at=3, outcome="REFRESH_REUSED")
        assert rules(story) == ["cause"]

    def test_reuse_after_the_window(self, story):
        story.refresh("a", 0, at=1)
        story.refresh("a", 0, at=5.8, outcome="REFRESH_REUSED")
        assert rules(story) == []

    def test_reuse_needs_a_first_use(self, story):
        story.refresh("a", 0, at=1, outcome="REFRESH_REUSED")
        assert rules(story) == ["cause"]

    def test_reuse_after_a_first_use_that_nobody_knows_of(self, faulty_story):
        faulty_story.refresh("a", 0, at=1, outcome=NO_ANSWER)
        faulty_story.refresh("a", 0, at=9, outcome="REFRESH_REUSED")
        assert rules(faulty_story) == []

    def test_no_successor_for_a_session_that_has_ended(self, story):
        story.log_out("a", at=1)
        story.refresh("a", 0, at=2)
        assert rules(story) == ["revoked"]


class TestPasswords:
    def test_the_old_password_opens_nothing(self, story):
        story.change_password("a", at=1, until=3, old="", new="2", to="b")
        story.sign_in("c", at=2)
        story.add("tokenAuth", 4, "INVALID_CREDENTIALS")
        story.sign_in("d", at=4, password="2")
        assert rules(story) == []
        story.sign_in("e", at=4)
        assert rules(story) == ["passwords"]

    def test_the_password_in_force_is_never_refused(self, story):
        story.add("tokenAuth", 1, "INVALID_CREDENTIALS")
        assert rules(story) == ["passwords"]

    def test_a_password_is_not_refused_for_a_change_to_come(self, story):
        story.add("tokenAuth", 1, "INVALID_CREDENTIALS")
        story.change_password("a", at=2, old="", new="2", to="b")
        assert rules(story) == ["passwords"]

    def test_a_new_password_may_be_refused_until_it_is_acknowledged(self, story):
        story.change_password("a", at=1, until=3, old="", new="2", to="b")
        story.add("tokenAuth", 2.8, "INVALID_CREDENTIALS", password="2")
        assert rules(story) == []
        story.add("tokenAuth", 3.1, "INVALID_CREDENTIALS", password="2")
        assert rules(story) == ["passwords"]

    def test_a_change_nobody_knows_of_leaves_both(self, faulty_story):
        faulty_story.change_password("a", at=1, outcome=NO_ANSWER, old="", new="2")
        faulty_story.sign_in("b", at=2)
        faulty_story.sign_in("c", at=2, password="2")
        faulty_story.add("tokenAuth", 3, "INVALID_CREDENTIALS")
        faulty_story.ask("b", at=5, outcome=GONE)
        assert rules(faulty_story) == []

    def test_one_password_changes_once(self, story):
        story.change_password("a", at=1, old="", new="2", to="b")
        story.change_password("a", at=1, old="", new="3", to="c")
        assert rules(story) == ["passwords"]


class TestListing:
    def test_it_has_every_live_session(self, story):
        story.sign_in("b", at=1)
        story.ask("a", at=2, kind="sessions", listed=("a", "b", "of a lost sign-in"))
        assert rules(story) == []
        story.ask("a", at=2, kind="sessions", listed=("a",))
        assert rules(story) == ["listing"]

    def test_it_has_no_ended_session(self, story):
        story.sign_in("b", at=1)
        story.log_out("b", at=2, until=4)
        story.ask("a", at=3, kind="sessions", listed=("a", "b"))
        story.ask("a", at=3, kind="sessions", listed=("a",))
        assert rules(story) == []
        story.ask("a", at=5, kind="sessions", listed=("a", "b"))
        assert rules(story) == ["listing"]

    def test_it_has_nobody_elses(self, story):
        story.sign_in("b", at=1, account="bob")
        story.ask("a", at=2, kind="sessions", listed=("a", "b"))
        assert rules(story) == ["listing"]


class TestAnswers:
    def test_it_is_the_caller_who_is_answered(self, story):
        story.ask("a", at=1, username="alice")
        assert rules(story) == []
        story.ask("a", at=1, username="bob")
        assert rules(story) == ["identity"]

    @pytest.mark.parametrize("outcome", [UNAVAILABLE, NO_ANSWER, UNSENT])
    def test_nothing_fails_unless_something_is_broken(self, story, faulty_story, outcome):
        for one in story, faulty_story:
            one.ask("a", at=1, outcome=outcome)
        assert rules(story) == ["availability"]
        assert rules(faulty_story) == []

    @pytest.mark.parametrize("outcome", ["INTERNAL_SERVER_ERROR", UNREADABLE, "TOKEN_INVALID"])
    def test_no_other_code_will_do(self, faulty_story, outcome):
        faulty_story.ask("a", at=1, outcome=outcome)
        assert rules(faulty_story) == ["codes"]

    def test_a_logout_is_never_refused(self, story):
        story.log_out("a", at=1)
        story.log_out("a", at=2)
        assert rules(story) == []
        story.log_out("a", at=3, outcome=GONE)
        assert rules(story) == ["codes"]

    def test_no_text_but_ours(self, faulty_story):
        text = "OperationalError: server closed the connection unexpectedly"
        faulty_story.ask("a", at=1, outcome=UNAVAILABLE, message=text)
        assert rules(faulty_story) == ["texts"]

    def test_expiry_is_what_the_clock_says(self):
        story = Story(epoch=1000, clock_skew=5)
        story.sign_in("a", at=0)
        story.add("me", 9, access=access("a", exp=1004))
        story.add("me", 9, "TOKEN_EXPIRED", access=access("a", exp=1014))
        # Whoever is gone is logged out as well.
        story.add("logout", 10, access=access("a", exp=1))
        assert rules(story) == []
        story.add("me", 9, access=access("a", exp=1002))
        story.add("me", 9, "TOKEN_EXPIRED", access=access("a", exp=1016))
        assert rules(story) == ["expiry", "expiry"]

    def test_a_token_from_nowhere_is_a_gap_in_the_history(self, story):
        story.add("me", 1, access=Token("unknown", "jti", 10**6))
        assert rules(story) == ["history"]
