"""A history can be kept and judged again."""

from tests.consistency.checker import check
from tests.consistency.history import History, Mark, load_history
from tests.consistency.story import Story


def test_it_is_read_as_it_was_written(tmp_path):
    story = Story(has_faults=True, store="redis", epoch=12.5)
    story.sign_in("a", at=1.25, worker="77")
    story.sign_in("b", at=0, account="bob", password="3")
    story.refresh("a", 0, at=3)
    story.ask("a", at=4, kind="sessions", listed=("a", "b"))
    story.log_out_everywhere("a", at=5, is_current_kept=True)
    story.ask("b", at=6, outcome="TOKEN_REVOKED", account="bob")
    told = story.history()
    history = History(told.setting, told.operations, (Mark(4.5, "something was killed"),))

    read = load_history(history.save(tmp_path / "history.jsonl"))

    assert read == history
    assert [one.called for one in read.operations] == [0, 1.25, 3, 4, 5, 6]
    assert check(read).rules == check(history).rules == {"cause": 1, "listing": 1}
