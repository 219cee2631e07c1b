"""Numbers that processes count together, of which any may die at any moment."""

import signal
import subprocess
import sys
from shutil import rmtree
from threading import Thread

import pytest

from api.metrics.counts import Counts

# Counts, says so, and waits for its end.
WORKER = """
import sys
from pathlib import Path
from api.metrics.counts import Counts
counts = Counts(3, folder=Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    counts.add(1)
print("counted", flush=True)
sys.stdin.read()
"""

# Three additions, one of them in a child. It prints how many files there are, and the sum.
FORKING = """
import os, sys
from pathlib import Path
from api.metrics.counts import Counts
folder = Path(sys.argv[1])
counts = Counts(1, folder=folder)
counts.add(0)
if os.fork() == 0:
    counts.add(0)
    os._exit(0)
os.wait()
counts.add(0)
print(len(list(folder.iterdir())), counts.totals())
"""

# Counts once and prints the sum.
SUMMING = """
import sys
from pathlib import Path
from api.metrics.counts import Counts
counts = Counts(3, folder=Path(sys.argv[1]))
counts.add(0)
print(counts.totals())
"""


@pytest.fixture
def work(tmp_path):
    """Start a process that counts so often, and return it once it has."""
    workers = []

    def start(times):
        command = [sys.executable, "-c", WORKER, str(tmp_path), str(times)]
        pipe = subprocess.PIPE
        workers.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
        assert workers[-1].stdout.readline() == "counted\n"
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        worker.communicate()


def kill(worker):
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def test_all_are_of_one_sum(tmp_path, work):
    work(2)
    work(3)
    counts = Counts(3, folder=tmp_path)
    counts.add(0)

    assert counts.totals() == [1, 5, 0]


def test_what_a_killed_one_counted_stays(tmp_path, work):
    counts = Counts(3, folder=tmp_path)
    kill(work(1_000))

    assert counts.totals() == [0, 1_000, 0]


def test_who_starts_goes_on_where_one_that_is_gone_ended(tmp_path, work):
    for _ in range(3):
        kill(work(2))
    work(1)

    assert len(list(tmp_path.iterdir())) == 1
    assert Counts(3, folder=tmp_path).totals() == [0, 7, 0]


def test_no_two_living_ones_share_a_file(tmp_path, work):
    for _ in range(3):
        work(1)

    assert len(list(tmp_path.iterdir())) == 3


def test_a_fork_counts_for_itself(tmp_path):
    command = [sys.executable, "-c", FORKING, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed.split() == ["2", "[3]"]


def test_threads_lose_nothing():
    counts = Counts(5, folder=None)
    add = counts.timer({"word": 0}, 0, spans=1, ends=[10, 20])

    def count():
        for _ in range(20_000):
            add("word", 15)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts.totals() == [80_000, 0, 80_000, 0, 1_200_000]


def test_a_file_that_is_being_made_is_none_yet(tmp_path):
    counts = Counts(1, folder=tmp_path)
    counts.add(0)
    (tmp_path / "1").touch()

    assert counts.totals() == [1]


def test_numbers_of_another_release_are_not_added_up(tmp_path):
    """It counts other things, or in another order."""
    (tmp_path / "7").write_bytes(bytes([1]) * 16)
    counts = Counts(1, folder=tmp_path)
    counts.add(0)

    assert counts.totals() == [1]


def test_where_somebody_tidies_up_the_own_numbers_are_known(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    counts = Counts(1, folder=folder)
    rmtree(folder)
    counts.add(0)

    assert counts.totals() == [1]


def test_room_is_taken_before_anything_is_counted(tmp_path):
    """Memory with no room on the disk behind it kills whoever writes there."""
    counts = Counts(3, folder=tmp_path)

    [file] = tmp_path.iterdir()
    assert (file.stat().st_blocks > 0, counts.totals()) == (True, [0, 0, 0])


def test_who_finds_no_folder_counts_alone(tmp_path, caplog):
    """A worker that is started anew must serve, whoever has tidied up meanwhile."""
    counts = Counts(3, folder=tmp_path / "gone")
    counts.add(0)

    assert counts.totals() == [1, 0, 0]
    assert "counts alone" in caplog.text


def test_who_finds_no_room_counts_alone(tmp_path, work):
    work(2)
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); {SUMMING}"
    command = [sys.executable, "-c", limited, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed == "[1, 2, 0]\n"
