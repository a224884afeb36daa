"""Environment: what a version needs is pinned, free of known vulnerabilities, and licensed."""

from typing import Annotated

from msgspec import Meta

from apps.validation.checks.contract import Check, Parameters, Source

ALLOWED = (
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "GPL-3.0-only WITH GCC-exception-3.1",
    "GPL-3.0-or-later WITH GCC-exception-3.1",
    "HPND",
    "ISC",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
)
DENIED = (
    "AGPL-1.0-only",
    "AGPL-1.0-or-later",
    "AGPL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "BUSL-1.1",
    "CC-BY-NC-2.0",
    "CC-BY-NC-3.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-4.0",
    "Elastic-2.0",
    "SSPL-1.0",
)


class EnvironmentRules(Parameters, frozen=True):
    """What a version may need, and what must be known about it."""

    require_pins: Annotated[
        bool,
        Meta(
            description="A package without one exact version, hash or commit fails; otherwise it "
            "is only said.",
        ),
    ] = True
    require_advisories: Annotated[
        bool,
        Meta(
            description="The check fails while no list of known vulnerabilities is loaded; "
            "otherwise that is only said.",
        ),
    ] = False
    most_list_days: Annotated[
        int,
        Meta(description="Days after its newest advisory from which the list is said to be old."),
    ] = 30
    accepted: Annotated[
        tuple[str, ...],
        Meta(
            description="Advisories the organization looked at and accepts, by any of their ids; "
            "they are shown and fail nothing.",
        ),
    ] = ()
    allowed_licenses: Annotated[
        tuple[str, ...], Meta(description="Licenses that may be used, by their SPDX names.")
    ] = ALLOWED
    denied_licenses: Annotated[
        tuple[str, ...], Meta(description="Licenses that fail the check, by their SPDX names.")
    ] = DENIED
    require_license: Annotated[
        bool,
        Meta(
            description="A version fails whose own license is not recorded or is on neither list.",
        ),
    ] = False

    def __post_init__(self) -> None:
        if not 1 <= self.most_list_days <= 3650:
            raise ValueError("most_list_days is from 1 to 3650")
        both = {*map(str.lower, self.allowed_licenses)} & {*map(str.lower, self.denied_licenses)}
        if both:
            raise ValueError(f"{min(both)} is allowed and denied")


CHECK = Check(
    name="environment",
    title="Environment",
    sentence=(
        "Reads which packages a version needs: whether each is pinned, has known vulnerabilities, "
        "and what their licenses allow."
    ),
    examine="apps.validation.checks.environment.examination:examine",
    version="1",
    parameters=EnvironmentRules,
    formats=("requirements.txt", "conda.yaml", "python_env.yaml", "bills of materials in JSON"),
    cites=(
        "Open Source Vulnerability schema 1.x, https://ossf.github.io/osv-schema/",
        "PEP 440 and PEP 503, versions and names of Python packages",
        "SPDX Specification 2.3, annex D: license expressions",
        "NIST SP 800-218 (SSDF) PW.4, reuse of well-secured software",
    ),
    sources=frozenset({Source.RECORD, Source.ADVISORIES, Source.ATTESTATIONS}),
    is_confined=True,
)
