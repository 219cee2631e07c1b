"""Processes that are killed while they replace a file of keys. Django is not set up in them."""

import os
import signal

from revocation import keyfile
from revocation.keyfile import write_keys

# What a command calls while it replaces the file, in this order.
POINTS = ("open", "write", "fsync", "rename")


def die_before(point, path, keys):
    """Replace the file, and be killed right before one call that this takes."""

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    if point == "rename":
        keyfile.Path.replace = die
    else:
        setattr(os, point, die)
    write_keys(path, keys)


def die_after_renaming(path, keys):
    rename = keyfile.Path.replace

    def die(self, target):
        rename(self, target)
        os.kill(os.getpid(), signal.SIGKILL)

    keyfile.Path.replace = die
    write_keys(path, keys)
