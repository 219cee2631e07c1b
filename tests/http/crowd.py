"""Clients in processes of their own that act at the same moment."""

import multiprocessing
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from itertools import cycle, islice
from typing import Any

from tests.client import SIGN_IN, Answer, GraphQLClient, Tokens
from tests.live import LiveServer, connect_to
from tests.waiting import PATIENCE_SECONDS

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
        # Must outlive the start of every member.
        self._barrier = processes.Barrier(size, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> "Crowd":
        for worker in self._workers:
            ours, theirs = processes.Pipe()
            member = processes.Process(
                target=_act_on_command, args=(worker, self._port, theirs, self._barrier)
            )
            member.start()
            theirs.close()
            self._pipes.append(self._open.enter_context(closing(ours)))
            self._open.callback(_dismiss, member, ours)
        self._hear()
        return self

    def __exit__(self, *_: object) -> None:
        self._barrier.abort()
        self._open.close()

    def at_once(self, *acts: Act) -> list[Any]:
        """Let each member do one act, all beginning together; return what each returned."""
        for pipe, act in zip(self._pipes, acts, strict=True):
            pipe.send(act)
        return self._hear()

    def _hear(self) -> list[Any]:
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


def hesitating(act: Act) -> Act:
    """The act of doing this a moment later than the others: after asking for the version."""
    return partial(_hesitate, act=act)


def repeating(act: Act, times: int) -> Act:
    """The act of doing the same again and again; it returns a list."""
    return partial(_repeat, act=act, times=times)


def tokens_in(answer: Answer) -> Tokens | None:
    """Return the pair that an answer hands out, if it does."""
    [payload] = answer.body["data"].values()
    return payload and Tokens(payload["token"], payload["refreshToken"])


def _ask(client: GraphQLClient, *, query: str, by: Tokens | str | None, variables: Any) -> Answer:
    speaker = client if by is None else client.bearing(by)
    return speaker(query, **variables)


def _hesitate(client: GraphQLClient, *, act: Act) -> Any:
    client("{ version }")
    return act(client)


def _repeat(client: GraphQLClient, *, act: Act, times: int) -> list[Any]:
    return [act(client) for _ in range(times)]


def _act_on_command(worker: int, port: int, pipe: Any, barrier: Any) -> None:
    with closing(connect_to(worker, port)) as http:
        client = GraphQLClient(http)
        pipe.send("ready")
        while (act := pipe.recv()) is not None:
            try:
                barrier.wait()
                pipe.send(act(client))
            except Exception as error:  # noqa: BLE001  Raised again where the test runs.
                pipe.send(error)


def _dismiss(member: Any, pipe: Any) -> None:
    """Let a member leave; it is killed if it does not."""
    with suppress(OSError):
        pipe.send(None)
        member.join(PATIENCE_SECONDS)
    member.kill()
    member.join()
    member.close()
