"""A new project in production, for servers of other people's code: nothing of ours is loaded.

`BENCHMARK_APPS` names the apps that a contender's documentation adds.
"""

import os
from pathlib import Path

from benchmarks import libraries, startproject
from benchmarks.startproject import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
INSTALLED_APPS = [*startproject.INSTALLED_APPS, *os.environ["BENCHMARK_APPS"].split()]

# Read by those libraries alone; importing one that nobody asked for takes memory of every worker.
SIMPLE_JWT = libraries.SIMPLE_JWT
if "gqlauth" in INSTALLED_APPS:
    GQL_AUTH = libraries.gql_auth()
