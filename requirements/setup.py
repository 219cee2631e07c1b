"""The steps of a set-up by name, and how a failure is told."""

import signal
import sys
from collections.abc import Sequence

import apollo
import assets
import environment
import mariadb
from steps import ROOT, StepFailed, only_one_at_a_time

STEPS = {
    "run": lambda: environment.install("run"),
    "dev": lambda: environment.install("dev"),
    "bench": lambda: environment.install("bench"),
    "docs": lambda: environment.install("docs"),
    "sbom": lambda: environment.install("sbom"),
    "mariadb": mariadb.install,
    "assets": assets.build,
    "example": assets.example,
    "typecheck": assets.typecheck,
    "webtest": assets.test,
    "apollo": apollo.install,
}
LAST_WORDS = 60


def main(names: Sequence[str]) -> None:
    if not names or not STEPS.keys() >= set(names):
        sys.exit(f"usage: python requirements STEP...\nSteps: {', '.join(STEPS)}")
    # Ends like Ctrl-C, which takes the running tool down with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with only_one_at_a_time():
            environment.ensure()
            for name in names:
                STEPS[name]()
    except StepFailed as failure:
        last_words = "\n".join(failure.output.splitlines()[-LAST_WORDS:])
        sys.exit(f"{last_words}\n{failure}".lstrip())
    except OSError as error:
        sys.exit(
            f"Cannot use {error.filename or ROOT}: {error.strerror}. See that the folder can be "
            "written and the disk is not full, then run the same command again."
        )
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command again to go on.")
