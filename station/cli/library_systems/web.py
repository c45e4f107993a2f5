"""`station web`: the HTTPS service for Alma's page, its certificate, and a check of both."""

from __future__ import annotations

import datetime

import click
import msgspec

from station.base.cells import table
from station.base.extras import extra
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.web import trust


@click.group()
@data_option
def web() -> None:
    """The pad for Alma's page in the browser: certificate, trust, check."""


@web.command()
@data_option
@json_option
@pass_app
def check(app: App) -> int:
    """Check settings and certificate, and ask the running server as a browser would. Uses neither pad nor tags.

    Exit code 1 if a check fails.
    """
    with extra("web"):
        from station.web.check import check as look

    findings = look(app.settings().web, app.data, _now())
    rows = [("ok" if finding.good else "NOT GOOD", finding.name, finding.sentence) for finding in findings]
    app.report(findings, table(rows))
    return 0 if all(finding.good for finding in findings) else NOT_GOOD


@web.group()
@data_option
def certificate() -> None:
    """The server's certificate, issued by this machine's own authority."""


@certificate.command()
@data_option
@json_option
@click.option(
    "--new-authority", is_flag=True, help="Also make a new authority; every browser must then be set to trust it."
)
@pass_app
def make(app: App, new_authority: bool) -> None:
    """Make (or renew) the certificate for localhost and the names in `web.names`.

    The authority is kept as long as it can be used, so that browsers also trust a renewed certificate.
    """
    with extra("web"):
        from station.https import certificates

    settings = app.settings().web
    authority, fresh = certificates.make(app.data, settings.names, _now(), new_authority=new_authority)
    seen = certificates.look(app.data / certificates.FOLDER / certificates.LEAF, _now())
    if settings.certificate:
        app.note(f"web.certificate is set to {settings.certificate}: the server uses that one, not the one made now.")
    app.report(
        {"authority": str(authority), "new_authority": fresh, "certificate": seen},
        [
            f"certificate for {', '.join(seen.names)}, valid for {seen.days_left} days",
            f"authority {authority}" + (" is new: tell the browsers to trust it" if fresh else " as before"),
            *(["see: station web certificate trust-help"] if fresh else []),
        ],
    )


@certificate.command()
@data_option
@json_option
@pass_app
def show(app: App) -> None:
    """Show the server's certificate and its authority: names, dates, fingerprints."""
    with extra("web"):
        from station.https import certificates

    web = app.settings().web
    pem = certificates.files("web", web.certificate, web.key, app.data)
    seen = [certificates.look(pem.certificate, _now())]
    authority = app.data / certificates.FOLDER / certificates.CA
    if not app.settings().web.certificate:
        seen.append(certificates.look(authority, _now()))
    rows = [
        row for each in seen for row in (*((k, _words(v)) for k, v in msgspec.structs.asdict(each).items()), ("", ""))
    ]
    app.report(seen, table(rows[:-1]))


@certificate.command("trust-help")
@data_option
@json_option
@click.option("--for", "place", type=click.Choice(trust.PLACES), help="Only for this browser or system.")
@pass_app
def trust_help(app: App, place: str | None) -> None:
    """Explain how to make browsers trust the authority, and let Alma's page reach this machine."""
    with extra("web"):
        from station.https import certificates

    authority = (app.data / certificates.FOLDER / certificates.CA).absolute()
    told = {each: trust.steps(each, authority) for each in ((place,) if place else trust.PLACES)}
    app.report(
        told, [line for each, steps in told.items() for line in (f"{each}:", *(f"  {step}" for step in steps), "")]
    )


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
