"""The command lines of a page: do the program, its target and its options exist?

Nothing is run here. What a page's commands do is the matter of the tests of that page.
"""

import argparse
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError

from tests.docs.examples import ROOT
from tests.docs.shell import steps

# Known to whoever reads, and not ours to describe.
PROGRAMS = {"cat", "chmod", "curl", "echo", "export", "git", "pip", "sed"}
MODULES = {"pytest": None, "http.server": None, "build": None}
MANIFESTS = [ROOT / "web" / "package.json", *(ROOT / "web").glob("*/package.json")]
COMPOSE = {"build", "cp", "exec", "run", "stop", "up"}
COMPOSE_FLAGS = {
    "--detach", "--force-recreate", "--no-deps", "--rm", "--wait", "-T", "-it",
}  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_FUNCTION = re.compile(r"^(\w+)\(\) \{.*\}$", re.MULTILINE)
_COMMENT = re.compile(r" # .*$", re.MULTILINE)
_HEREDOC = re.compile(r"<<(\w+)\n.*?^\1$", re.DOTALL | re.MULTILINE)


class Unknown(Exception):
    """A command line names something that does not exist."""


def functions_in(text: str) -> frozenset[str]:
    """Return the names of the functions that some lines define."""
    return frozenset(_FUNCTION.findall(text))


def ensure_known(block: str, *, functions: Iterable[str] = ()) -> None:
    """Raise `Unknown` for the first command of a block that nobody could run."""
    for words in command_lines(block):
        _ensure_known(words, {*functions, *functions_in(block)})


def command_lines(block: str) -> Iterator[list[str]]:
    """Yield the words of each command, without assignments, redirections and comments."""
    text = _HEREDOC.sub("", "".join(commands for commands, _ in steps(block)))
    # The bodies of functions are commands as well; so is what stands in `$(…)`.
    text = _FUNCTION.sub(lambda found: found[0].partition("{")[2].rpartition("}")[0], text)
    for inner in re.findall(r"\$\(([^()]+)\)", text):
        yield from command_lines(f"{inner}\n")
    text = re.sub(r"\$\([^()]+\)", "INNER", _COMMENT.sub("", text.replace("\\\n", " ")))
    lexer = shlex.shlex(text, posix=True, punctuation_chars="();|&\n")
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t", "", True
    words: list[str] = []
    for word in [*lexer, "\n"]:
        if word.strip("();|&\n"):
            words.append(word)
            continue
        command = list(_without_redirections(words))
        while command and _ASSIGNMENT.match(command[0]):
            command.pop(0)
        if command:
            yield command
        words = []


def _without_redirections(words: list[str]) -> Iterator[str]:
    remaining = iter(words)
    for word in remaining:
        if word in {"<", ">", ">>"}:
            next(remaining, None)
        else:
            yield word


def _ensure_known(words: list[str], functions: set[str]) -> None:
    program, *arguments = words
    if program in PROGRAMS | functions:
        return
    kinds: dict[str, Callable[[list[str]], None]] = {
        "make": _ensure_make,
        "npm": _ensure_npm,
        "docker": _ensure_docker,
        "openssl": lambda rest: _ensure(rest[:2] == ["rand", "-hex"], words),
        "cd": lambda rest: _ensure((ROOT / rest[0]).is_dir(), words),
    }
    if program.rpartition("/")[2] in {"python", "python3"}:
        _ensure_python(arguments)
    else:
        _ensure(program in kinds, words)
        kinds[program](arguments)


def _ensure_make(arguments: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for argument in arguments:
        name, is_variable, _ = argument.partition("=")
        found = f"$({name})" in makefile if is_variable else f"\n{name}: " in makefile
        _ensure(found, ["make", argument])


def _ensure_npm(arguments: list[str]) -> None:
    manifests = [path.read_text() for path in MANIFESTS]
    script = arguments[-1] if arguments[0] in {"run", "test"} else None
    is_known = arguments[0] in {"ci", "install", "pack"} or f'"{script}": "' in "".join(manifests)
    _ensure(is_known, ["npm", *arguments])
    if "--workspace" in arguments:
        named = arguments[arguments.index("--workspace") + 1]
        _ensure(any(f'"name": "{named}"' in manifest for manifest in manifests), arguments)


def _ensure_docker(arguments: list[str]) -> None:
    _ensure(arguments[0] == "compose" and arguments[1] in COMPOSE, ["docker", *arguments])
    rest = arguments[2:]
    while rest and rest[0].startswith("-"):
        _ensure(rest[0] in COMPOSE_FLAGS, ["docker", *arguments])
        rest = rest[1:]
    services = rest[:1] if arguments[1] in {"exec", "run"} else rest
    if arguments[1] == "cp":
        services = [rest[0].partition(":")[0]]
    compose = (ROOT / "compose.yaml").read_text()
    for service in services:
        _ensure(f"\n  {service}:\n" in compose, ["docker", *arguments])
    if services == ["keys"]:
        # Its entrypoint.
        _ensure_manage("rotate_key", rest[1:])
    if arguments[1] in {"exec", "run"} and rest[1:2] == ["python"]:
        _ensure_python(rest[2:])


def _ensure_python(arguments: list[str]) -> None:
    match arguments:
        case ["manage.py", command, *options]:
            _ensure_manage(command, options)
        case ["-m", module, *options]:
            _ensure_module(module, options)
        case _:
            raise Unknown(f"python {shlex.join(arguments)}")


def _ensure_manage(command: str, options: list[str]) -> None:
    app = get_commands().get(command)
    _ensure(app is not None, ["manage.py", command])
    parser = load_command_class(app, command).create_parser("manage.py", command)
    parser.allow_abbrev = False
    try:
        # In capitals, what the reader fills in.
        parser.parse_args(options)
    except (CommandError, argparse.ArgumentError, SystemExit) as error:
        raise Unknown(f"manage.py {command} {shlex.join(options)}: {error}") from error


def _ensure_module(module: str, options: list[str]) -> None:
    if module in MODULES:
        return
    path = ROOT / module.replace(".", "/")
    sources = list(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    _ensure(all(map(Path.is_file, sources)) and bool(sources), ["-m", module])
    written = "".join(source.read_text() for source in sources)
    for option in options:
        if option.startswith("--"):
            _ensure(f'"{option.partition("=")[0]}"' in written, ["-m", module, option])


def _ensure(condition: bool, words: list[str]) -> None:
    if not condition:
        raise Unknown(shlex.join(words))
