"""Writes the bill of materials: `python -m publish.sbom`, or `make sbom`.

CycloneDX 1.6, in JSON: what the deployable API installs, as `requirements/run.txt` locks it. The
package asks for less; what of it that is, stands beside each part as `revocation:scope`.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import is_supported_id
from packageurl import PackageURL
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "run.txt"
SCOPE = "revocation:scope"
MARKER = "revocation:marker"

_LOCKED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.+!-]+)(?: *; *(?P<marker>.+))?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """One package of a lock: any of the files with these digests may be what is installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(lock: Path = LOCK) -> Iterator[Locked]:
    """Yield what a lock names. Raises `ValueError` for a line that is nothing of that."""
    for line in lock.read_text().replace("\\\n", " ").splitlines():
        requirement, _, hashes = line.partition(" --hash=")
        found = _LOCKED.match(requirement.strip())
        digests = tuple(_HASH.findall(f"--hash={hashes}"))
        if found is None or not digests:
            raise ValueError(f"{lock.name}: {requirement!r} is no package with its hashes.")
        yield Locked(found["name"], found["version"], found["marker"] or "", digests)


def bill() -> Bom:
    """Return the bill: the API as what it is about, and a component for each package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = {canonicalize_name(part.name): part for part in locked()}
    needed = set(_needed(project["dependencies"], parts))
    components = {name: _component(part, needed) for name, part in parts.items()}
    about = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        description=project["description"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
        purl=PackageURL("pypi", name=project["name"], version=project["version"]),
        bom_ref=project["name"],
    )
    bom = Bom(components=components.values(), metadata=BomMetaData(component=about))
    # Told where this environment has the packages; else everything hangs on the API itself.
    bom.register_dependency(about, components.values())
    for name, component in components.items():
        below = [components[each] for each in _required(name) if each in components]
        bom.register_dependency(component, below)
    return bom


def _component(part: Locked, needed: set[str]) -> Component:
    scope = "package" if canonicalize_name(part.name) in needed else "api"
    properties = [Property(name=SCOPE, value=scope)]
    if part.marker:
        properties.append(Property(name=MARKER, value=part.marker))
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", name=canonicalize_name(part.name), version=part.version),
        bom_ref=f"{part.name}=={part.version}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in part.hashes],
        licenses=_licenses(part),
        properties=properties,
    )


def _licenses(part: Locked) -> list[License]:
    """Return what a package says of itself, where this environment has it in that version."""
    try:
        said = metadata(part.name)
    except PackageNotFoundError:
        return []
    if said["Version"] != part.version:
        return []
    terse = said.get("License", "").strip()
    text = said.get("License-Expression") or (terse if is_supported_id(terse) else "")
    text = text or _classified(said.get_all("Classifier") or ())
    if not text:
        return []
    acknowledged = LicenseAcknowledgement.DECLARED
    return [LicenseFactory().make_from_string(text, license_acknowledgement=acknowledged)]


def _classified(classifiers: Iterable[str]) -> str:
    """Return the licences of the classifiers, unless they say no more than that there is one.

    The field `License` holds anything from a name to the whole text, so only a known name counts.
    """
    ends = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return " OR ".join(end for end in ends if end != "OSI Approved")


def _needed(requirements: Iterable[str], parts: dict[str, Locked]) -> Iterator[str]:
    """Yield the locked packages that these requirements lead to."""
    seen: set[str] = set()
    waiting = [canonicalize_name(Requirement(text).name) for text in requirements]
    # An extra of ours names what it adds: `PyJWT[crypto]`.
    waiting += [name for text in requirements for name in _of_extras(Requirement(text))]
    while waiting:
        name = waiting.pop()
        if name in parts and name not in seen:
            seen.add(name)
            yield name
            waiting += _required(name)


def _required(name: str) -> list[str]:
    """Return what an installed package requires, extras aside."""
    try:
        texts = metadata(name).get_all("Requires-Dist") or ()
    except PackageNotFoundError:
        return []
    found = map(Requirement, texts)
    return [canonicalize_name(each.name) for each in found if _applies(each.marker, extra="")]


def _of_extras(requirement: Requirement) -> list[str]:
    try:
        texts = metadata(requirement.name).get_all("Requires-Dist") or ()
    except PackageNotFoundError:
        return []
    return [
        canonicalize_name(each.name)
        for each in map(Requirement, texts)
        for extra in requirement.extras
        if each.marker
        and not _applies(each.marker, extra="")
        and _applies(each.marker, extra=extra)
    ]


def _applies(marker: Marker | None, *, extra: str) -> bool:
    return marker is None or marker.evaluate({"extra": extra})


def main(arguments: list[str]) -> None:
    target = Path(*arguments) if arguments else ROOT / "build" / "sbom.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    bom = bill()
    target.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n")
    print(f"Wrote {target.name}: {len(bom.components)} packages.")


if __name__ == "__main__":
    main(sys.argv[1:])
