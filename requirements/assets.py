"""What is built from `web/`, each piece only when somebody asks for it and its sources changed."""

from dataclasses import dataclass
from pathlib import Path

import environment
import node
from stamps import Stamp
from steps import ROOT, step

BUILD_ADVICE = "{title} could not be built from web/; the output above says why."
TYPECHECK_ADVICE = "The types in web/ do not hold; the output above says where."
TEST_ADVICE = "A test in web/ fails; the last lines above name it."


@dataclass(frozen=True)
class Asset:
    """A folder that an npm script makes out of folders of `web/`."""

    title: str
    stamp: str
    made_from: tuple[str, ...]
    built: Path
    workspace: str
    script: str = "build"

    def ensure(self) -> None:
        """Build it, unless what is there was built from these very sources."""
        stamp = Stamp(environment.VENV / "stamps" / self.stamp, of=self._sources())
        if stamp.is_current() and self.built.is_dir() and any(self.built.iterdir()):
            return
        node.install()
        with step(f"Building {self.title}"):
            stamp.drop()
            advice = BUILD_ADVICE.format(title=self.title)
            node.npm("run", self.script, "--workspace", self.workspace, advice=advice)
            stamp.write()

    def _sources(self) -> list[Path]:
        manifests = list(node.WEB.glob("package*.json"))
        folders = [node.WEB / name for name in self.made_from]
        return manifests + [path for folder in folders for path in node.sources(folder)]


GRAPHIQL = Asset(
    title="GraphiQL",
    stamp="assets",
    made_from=("graphiql",),
    built=ROOT / "api" / "static" / "graphiql",
    workspace="graphiql-page",
)
LINK = Asset(
    title="the Apollo link",
    stamp="link",
    made_from=("apollo-link",),
    built=node.WEB / "apollo-link" / "dist",
    workspace="django-graphql-revocation-apollo",
)
EXAMPLE = Asset(
    title="the example application",
    stamp="example",
    made_from=("apollo-link", "example"),
    built=node.WEB / "example" / "dist",
    workspace="example",
    script="build:example",
)


def build() -> None:
    GRAPHIQL.ensure()


def example() -> None:
    LINK.ensure()
    EXAMPLE.ensure()


def typecheck() -> None:
    node.install()
    # The example sees of the link what its users will see: the types that were built.
    LINK.ensure()
    with step("Checking the types in web/"):
        node.npm("run", "typecheck", advice=TYPECHECK_ADVICE)


def test() -> None:
    node.install()
    with step("Running the tests of web/"):
        # npm's own words about a failure would come after those that name the test.
        node.npm("test", "--silent", advice=TEST_ADVICE)
