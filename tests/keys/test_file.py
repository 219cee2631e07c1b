"""A file of keys is replaced whole or not at all, whoever is killed, and read while it is."""

import json
import os
import signal
import stat
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Event

import pytest

from revocation import rotation
from revocation.keyfile import DatedKey, KeySet, only_writer, read_keys, write_keys
from revocation.keys import key_ring
from revocation.problems import ALGORITHMS
from revocation.signing_key import UnusableKey, new_key
from tests.http.crowd import processes
from tests.keys.conftest import kids_of, now, rotate_key
from tests.keys.dying import POINTS, die_after_renaming, die_before


def run(act):
    process = processes.Process(target=act)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def a_set(*previous, algorithm="HS256"):
    return KeySet(DatedKey(new_key(algorithm), now()), previous=previous)


class TestInterruption:
    @pytest.mark.parametrize("point", POINTS)
    def test_killed_before_the_end_the_file_is_what_it_was_and_the_next_run_goes_on(
        self, file, point
    ):
        before = file.read_bytes()
        run(
            partial(
                die_before, point, file, rotation.published(read_keys(file), "HS256", now=now())
            )
        )

        assert file.read_bytes() == before
        assert "accepted" in rotate_key()
        assert len(kids_of(file)["next"]) == 1
        assert [name.name for name in file.parent.iterdir()] == [file.name]

    def test_killed_at_the_end_it_is_done_and_the_next_run_says_so(self, file):
        keys = rotation.published(read_keys(file), "HS256", now=now())
        run(partial(die_after_renaming, file, keys))

        assert kids_of(file)["next"] == [keys.next.key.kid]
        rotate_key()
        assert kids_of(file)["next"] == [keys.next.key.kid]

    def test_a_disk_that_is_full_leaves_the_file_as_it_was(self, file, monkeypatch):
        before = file.read_bytes()

        def refuse(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="No space"):
            write_keys(file, a_set())

        assert file.read_bytes() == before
        assert [name.name for name in file.parent.iterdir()] == [file.name]

    def test_a_folder_that_cannot_be_brought_to_the_disk_is_no_failure(self, file, monkeypatch):
        """The file has been replaced by then, and nobody may be told that it was not."""
        fsync = os.fsync

        def refuse_folders(descriptor):
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(22, "Invalid argument")
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", refuse_folders)
        assert "accepted" in rotate_key()
        assert len(kids_of(file)["next"]) == 1

    def test_whoever_reads_meanwhile_finds_the_keys_from_before_or_after(self, file):
        one, other, is_over = read_keys(file), a_set(), Event()

        def read():
            found = set()
            while not is_over.is_set():
                found.add(read_keys(file).current.key.kid)
            return found

        with ThreadPoolExecutor(1) as beside:
            reading = beside.submit(read)
            for number in range(100):
                write_keys(file, other if number % 2 else one)
            is_over.set()

        assert reading.result() <= {one.current.key.kid, other.current.key.kid}

    def test_two_commands_wait_for_each_other(self, file):
        with ThreadPoolExecutor(1) as beside:
            with only_writer(file):
                waiting = beside.submit(rotate_key)
                # Without the lock it would be done by then, and undone by what is written here.
                wait([waiting], timeout=0.2)
                write_keys(file, keys := a_set(DatedKey(new_key("HS256"), now())))
            waiting.result()

        assert kids_of(file)["current"] == [keys.current.key.kid]
        assert len(kids_of(file)["next"]) == len(kids_of(file)["previous"]) == 1


class TestRights:
    def test_a_new_file_is_for_its_owner_alone_whatever_the_umask(self, path):
        usual = os.umask(0)
        try:
            rotate_key("--create")
        finally:
            os.umask(usual)

        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_rights_that_somebody_gave_stay(self, file):
        file.chmod(0o640)
        rotate_key()

        assert stat.S_IMODE(file.stat().st_mode) == 0o640

    def test_the_owner_stays_where_another_user_runs_the_command(self, file, monkeypatch):
        """Root, say: the workers' own user must be able to read what it wrote."""
        given, fstat = [], os.fstat

        def fstat_of_somebody(descriptor):
            mode, inode, device, links, owner, *rest = fstat(descriptor)
            return os.stat_result((mode, inode, device, links, owner + 1, *rest))

        monkeypatch.setattr("revocation.keyfile.os.fstat", fstat_of_somebody)
        monkeypatch.setattr("revocation.keyfile.os.fchown", lambda *to: given.append(to[1:]))
        before = file.stat()
        rotate_key()

        assert given == [(before.st_uid, before.st_gid)]

    def test_a_link_stays_a_link(self, file, tmp_path, settings):
        link = tmp_path / "link.json"
        link.symlink_to(file)
        settings.REVOCATION = {"KEYS_FILE": str(link)}
        rotate_key()

        assert link.is_symlink()
        assert len(kids_of(file)["next"]) == 1


class TestContent:
    def test_is_a_set_of_keys_as_others_read_it(self, file):
        [entry] = json.loads(file.read_text())["keys"]

        assert entry.keys() >= {"kty", "k", "kid", "alg", "use"}

    @pytest.mark.parametrize("algorithm", ["HS256", "RS256", "PS256", "ES256", "ES512", "EdDSA"])
    def test_what_was_written_is_read(self, file, algorithm):
        write_keys(file, keys := a_set(algorithm=algorithm))

        found = read_keys(file).current.key
        assert (found.algorithm, found.kid) == (algorithm, keys.current.key.kid)
        assert key_ring().kid == found.kid

    @pytest.mark.parametrize(
        "algorithm", sorted(name for name in ALGORITHMS if name[0] not in "RP")
    )
    def test_there_are_keys_for_every_algorithm(self, file, algorithm):
        write_keys(file, a_set(algorithm=algorithm))

        assert key_ring().algorithm == algorithm

    def test_a_key_that_has_signed_is_kept_without_its_private_half(self, file):
        old = DatedKey(new_key("EdDSA").without_private_half(), now())
        write_keys(file, a_set(old, algorithm="EdDSA"))

        current, previous = json.loads(file.read_text())["keys"]
        assert "d" in current
        assert "d" not in previous
        assert read_keys(file).previous[0].key.signing is None

    def test_a_private_half_that_somebody_has_added_is_not_kept(self, path):
        rotate_key("--create", "--algorithm", "EdDSA")
        key = new_key("EdDSA")
        entry = {"status": "previous", "since": now().isoformat(), **key.as_jwk(is_public=False)}
        path.write_text(json.dumps({"keys": [*json.loads(path.read_text())["keys"], entry]}))

        rotate_key()

        [written] = [one for one in json.loads(path.read_text())["keys"] if one["kid"] == key.kid]
        assert "d" in entry
        assert "d" not in written


class TestWatching:
    def test_keys_that_are_replaced_take_effect_without_a_restart(self, file):
        before = key_ring()
        write_keys(file, keys := a_set())

        assert before.kid != key_ring().kid == keys.current.key.kid

    def test_a_file_that_did_not_change_is_not_read_again(self, file):
        assert key_ring() is key_ring()

    def test_one_that_is_replaced_while_it_is_read_is_read_again(self, file, monkeypatch):
        replaced = []

        def read_and_let_it_be_replaced(path):
            found = read_keys(path)
            if not replaced:
                replaced.append(a_set())
                write_keys(path, *replaced)
            return found

        monkeypatch.setattr("revocation.keys.read_keys", read_and_let_it_be_replaced)
        before = key_ring().kid

        assert key_ring().kid == replaced[0].current.key.kid != before

    def test_nobody_looks_twice_within_a_second(self, file, monkeypatch):
        monkeypatch.setattr("revocation.keys.LOOK_EVERY_SECONDS", 3600.0)
        before = key_ring()
        before = key_ring()
        write_keys(file, a_set())

        assert key_ring() is before

    @pytest.mark.parametrize("content", [None, "", "{", '{"keys": []}'])
    def test_one_that_became_unusable_changes_nothing_and_is_told_once(self, file, caplog, content):
        before = key_ring()
        file.unlink() if content is None else file.write_text(content)

        assert {key_ring() for _ in range(3)} == {before}
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        assert str(file) in caplog.text

    def test_one_that_was_put_right_takes_effect(self, file):
        key_ring()
        file.write_text("{")
        key_ring()
        write_keys(file, keys := a_set())

        assert key_ring().kid == keys.current.key.kid

    def test_one_that_was_unusable_from_the_beginning_is_asked_for_again(self, path):
        for _ in range(2):
            with pytest.raises(UnusableKey, match=r"revocation\.E051"):
                key_ring()
        rotate_key("--create")

        assert key_ring().kid == kids_of(path)["current"][0]

    def test_threads_that_ask_at_once_are_all_answered(self, file):
        with ThreadPoolExecutor(8) as crowd:
            rings = list(crowd.map(lambda _: key_ring(), range(64)))

        assert {ring.kid for ring in rings} == set(kids_of(file)["current"])
