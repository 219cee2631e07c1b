"""The WSGI application of the contender that `BENCHMARK_CONTENDER` names, for one server process.

The contender is the one that is measured in process, with its settings in force from now on.
"""

import os

import django
from django.utils.module_loading import import_string

django.setup()

from ..switching import in_force  # noqa: E402  Needs Django.

contender = import_string(os.environ["BENCHMARK_CONTENDER"])()
# Kept, since whoever lets go of it ends it.
force = in_force(contender)
force.__enter__()
application = contender.build()
