"""Clients in processes of their own that act at the same moment."""

import multiprocessing
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from itertools import cycle, islice
from typing import Any

from tests.client import SIGN_IN, Answer, GraphQLClient, Tokens
from tests.live import LiveServer, connect_to

# Not "fork": the process of the tests may have threads.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pytest", "tests.http.crowd"])

Act = Callable[[GraphQLClient], Any]


class Crowd:
    """So many clients, spread evenly over the workers of a server, each with its connection."""

    def __init__(self, server: LiveServer, size: int) -> None:
        self._workers = list(islice(cycle(sorted(server.worker_pids())), size))
        self._port = server.port
        self._open = ExitStack()
        self._pipes: list[Any] = []

    def __enter__(self) -> "Crowd":
        barrier = processes.Barrier(len(self._workers))
        for worker in self._workers:
            ours, theirs = processes.Pipe()
            member = processes.Process(
                target=_act_on_command, args=(worker, self._port, theirs, barrier)
            )
            member.start()
            theirs.close()
            self._pipes.append(self._open.enter_context(closing(ours)))
            self._open.callback(_dismiss, member, ours)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def at_once(self, *acts: Act) -> list[Any]:
        """Let each member do one act, all beginning together; return what each returned."""
        for pipe, act in zip(self._pipes, acts, strict=True):
            pipe.send(act)
        results = [pipe.recv() for pipe in self._pipes]
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return results


def asking(query: str, *, by: Tokens | str | None = None, **variables: Any) -> Act:
    """The act of sending this operation, bearing an access token if one is given."""
    return partial(_ask, query=query, by=by, variables=variables)


def refreshing(token: Tokens | str) -> Act:
    return partial(GraphQLClient.try_refresh, token=token)


def signing_in(username: str, password: str) -> Act:
    return asking(SIGN_IN, username=username, password=password)


def tokens_in(answer: Answer) -> Tokens | None:
    """Return the pair that an answer hands out, if it does."""
    [payload] = answer.body["data"].values()
    return payload and Tokens(payload["token"], payload["refreshToken"])


def _ask(client: GraphQLClient, *, query: str, by: Tokens | str | None, variables: Any) -> Answer:
    speaker = client if by is None else client.bearing(by)
    return speaker(query, **variables)


def _act_on_command(worker: int, port: int, pipe: Any, barrier: Any) -> None:
    with closing(connect_to(worker, port)) as http:
        client = GraphQLClient(http)
        while (act := pipe.recv()) is not None:
            barrier.wait()
            try:
                pipe.send(act(client))
            except Exception as error:  # noqa: BLE001  Raised again where the test runs.
                pipe.send(error)


def _dismiss(member: Any, pipe: Any) -> None:
    try:
        pipe.send(None)
        member.join(10)
    except OSError:
        # It is gone already.
        pass
    member.kill()
    member.join()
    member.close()
