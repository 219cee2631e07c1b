"""The same for members: a random key, an e-mail address for a name, and no day of joining."""

from tests.upgraded.settings import *  # noqa: F403
from tests.upgraded.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.members"]
AUTH_USER_MODEL = "members.Member"
ROOT_URLCONF = "tests.members.urls"
