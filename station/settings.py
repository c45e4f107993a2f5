"""station.toml as frozen structs: unknown keys are refused, every field has its sentence.

The sentence after each field is what `station init` writes as a comment and what docs/settings.md shows.
"""

from __future__ import annotations

import difflib
import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from station.errors import SettingsError

Byte = Annotated[int, Meta(ge=0, le=255)]
FromProfile = Literal["profile"]
"""A value that the tag profile says."""


class Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose tags these are."""

    isil: Annotated[str, Meta(max_length=16)] = ""
    """The library's ISIL (ISO 15511), e.g. "US-TxDa". Must be set before the first tag is written."""
    name: str = ""
    """Name shown in the station's title line."""


class Station(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This bench."""

    name: str = "bench-1"
    """Name of this bench in the journal and in results."""
    operator: str = "operator"
    """Who works here, until people sign on."""
    head_directory: str = ""
    """Where the journal's head is exported daily, best on another disk; empty = "heads" in the data directory."""


class Barcodes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the library's barcodes look like."""

    length: Annotated[int, Meta(ge=0, le=40)] = 14
    """Number of characters; 0 = any."""
    prefixes: tuple[str, ...] = ("3",)
    """Accepted beginnings; empty = any."""
    check_digit: Literal["luhn", "none"] = "luhn"
    """"luhn" = mod-10 check digit as on 14-digit library barcodes; "none" = no check digit."""
    characters: Literal["digits", "alphanumeric"] = "digits"
    """What a barcode may consist of; "alphanumeric" = A-Z, 0-9, hyphen and point."""


class Scanner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the barcode scanner types."""

    prefix: str = ""
    """Characters the scanner sends before each barcode, e.g. "\\u0002"; empty = none."""
    terminator: Literal["enter", "tab"] = "enter"
    """Key the scanner sends after each barcode."""
    abandon_after_ms: Annotated[int, Meta(ge=50, le=60000)] = 2000
    """An unfinished burst is thrown away after this silence; it never makes a burst complete."""


class Reader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The RFID reader."""

    driver: Annotated[str, Meta(min_length=1, max_length=40)] = "feig"
    """"feig" = FEIG OBID ISO-Host, standard frames (CPR.M02/.02/.04, MR/PR101); "3m" = 3M / Bibliotheca 810 and 210; or
    the name of a driver that was installed beside the station."""
    port: str = "/dev/serial/by-id/CHANGE-ME"
    """Serial port; use the name under /dev/serial/by-id, which stays the same. "replay:FILE" plays a capture instead."""
    baud: Literal[4800, 9600, 19200, 38400, 57600, 115200, 230400] = 38400
    """Speed as configured in the reader (FEIG default 38400); "3m" is always 19200."""
    parity: Literal["E", "O", "N"] = "E"
    """Parity as configured in the reader (FEIG default E); "3m" has none."""
    bus_address: Byte = 255
    """Reader address; 255 reaches every FEIG reader."""
    answer_ms: Annotated[int, Meta(ge=100, le=30000)] = 1000
    """The longest a reader may take for one command (FEIG: its TR-RESPONSE-TIME); the station waits a little longer."""
    most_blocks: Byte = 0
    """Blocks of a tag that one command may carry; 0 = what the driver holds safe (FEIG: the reader's buffers, at most 32;
    3M: 8)."""
    poll_ms: Annotated[int, Meta(ge=50, le=5000)] = 250
    """How often the pad is looked at."""
    capture: str = ""
    """Record everything that goes to and from the reader in this file, relative to the data directory; it holds UIDs and
    contents of tags (see docs/readers/captures.md); empty = nothing is recorded."""


class Tag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written. "profile" = as the tag profile says."""

    profile: str = "us-28560-2"
    """Tag profile: us-28560-2, iso-28560-3, danish-32, finnish-28560-2, 3m-read-only, or your own TOML file (its name
    ends in .toml), relative to the data directory."""
    model: Literal["28560-2", "28560-3", "danish", "danish-32"] | FromProfile = "profile"
    """Data model of the library's tags; anything but the profile's own model is refused."""
    dsfid: Byte | FromProfile = "profile"
    """DSFID that marks a finished tag; 6 (hex 06) = ISO 28560-2, 62 (hex 3E) = ISO 28560-3, never 0 or 192 (hex C0)."""
    afi_in_stock: Byte | FromProfile = "profile"
    """AFI of an item that alarms at the gate (3M sites differ; see docs)."""
    afi_on_loan: Byte | FromProfile = "profile"
    """AFI of an item on loan."""
    type_of_usage: Byte | FromProfile = "profile"
    """Relative OID 5: class nibble and qualifier; 16 (hex 10) = for circulation."""
    call_number_on_tag: bool | FromProfile = "profile"
    """Also write the call number as shelf location (relative OID 6)."""
    max_attempts: Annotated[int, Meta(ge=1, le=20)] = 5
    """Give a tag up after so many interrupted writes."""


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where items stand in the catalog records."""

    profile: str = "symphony-949"
    """Item-field profile: symphony-949, symphony-999, koha-952, mfhd-852, innovative-945, carli-952, harvard-049,
    alma-ava, worldshare-949, or your own TOML file (its name ends in .toml), relative to the data directory."""
    scheme: Literal["lc", "dewey", "nlm", "sudoc", "anscr", "local"] = "lc"
    """Call number scheme where neither item nor record says."""
    remember_hours: Annotated[float, Meta(ge=0, le=8760)] = 72.0
    """Where records come from the library system itself (`live_records`): how old may be what it said before, when it does
    not answer; 0 = never used."""


class FileSink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Results as lines of a file."""

    enabled: bool = True
    """Write one JSON line a result."""
    path: str = "results.jsonl"
    """File, relative to the data directory."""


class Alma(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ex Libris Alma."""

    enabled: bool = False
    """Deliver results to Alma."""
    base_url: str = ""
    """Region's address, e.g. https://api-na.hosted.exlibrisgroup.com"""
    note_field: Literal[
        "internal_note_1",
        "internal_note_2",
        "internal_note_3",
        "statistics_note_1",
        "statistics_note_2",
        "statistics_note_3",
        "fulfillment_note",
        "public_note",
    ] = "internal_note_3"
    """Item field that carries the station's result; the station owns only its own line in it."""
    mapping: str = "note-only"
    """Which facts go into which item fields: note-only, or your own TOML file (its name ends in .toml), relative to the data
    directory; see docs/library-systems/alma.md."""
    scan_in: bool = False
    """Scan an item in when it has passed (a set: when all its parts have). No in-house use is counted."""
    library: str = ""
    """Code of the library where items are scanned in."""
    department: str = ""
    """Code of the department where items are scanned in; it or circ_desk, not both."""
    circ_desk: str = ""
    """Code of the circulation desk where items are scanned in."""
    work_order_type: str = ""
    """Code of the work order that a scan-in at the department begins; empty = none."""
    requests_per_second: Annotated[float, Meta(gt=0, le=20)] = 5.0
    """The station's share of the institution's limit: at most so many requests in any one second, counted for the whole
    station. A fraction above 1 is rounded down."""
    daily_reserve: Annotated[int, Meta(ge=0)] = 0
    """So many of the institution's requests of a day are left to other programs: the station waits when fewer are left."""
    timeout_s: Annotated[float, Meta(gt=0, le=120)] = 20.0
    """How long one answer may take."""
    look_up_s: Annotated[float, Meta(gt=0, le=60)] = 6.0
    """How long a person at the bench waits for a live record at most; then what is at hand serves."""
    live_records: bool = False
    """Ask Alma for the item first; when it does not answer, what it said before, then the catalog index."""


class Sip2(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library system behind SIP2 (Koha, Evergreen, FOLIO, Voyager, ...); see docs/library-systems/sip2.md."""

    enabled: bool = False
    """Look items up and deliver results by SIP2."""
    host: str = ""
    """Host name or address of the SIP2 server."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 6001
    """TCP port; 6001 by habit, 6443 for Alma."""
    tls: Literal["system", "pinned", "none"] = "system"
    """"system" = TLS, certificate checked against the machine's trust store or `ca_file`; "pinned" = TLS with the one
    certificate of `pinned_sha256`; "none" = plain TCP: for a tunnel on this machine or a closed network, for the password
    can be read on the way."""
    ca_file: str = ""
    """PEM file with the server's certificate authority, relative to the data directory; empty = the machine's trust store."""
    pinned_sha256: str = ""
    """SHA-256 of the server's certificate, 64 hexadecimal digits."""
    user: str = ""
    """Log-in name (CN); empty = the server wants no log-in. The password is the credential "sip2"."""
    institution: str = ""
    """Institution (AO) as the server knows it; Koha selects the branch by it."""
    location: str = ""
    """Location code of the log-in (CP): the desk, or for FOLIO the service point's UUID."""
    desk: str = ""
    """Current location (AP) of a check-in."""
    charset: Literal["auto", "utf-8", "cp850", "latin-1", "ascii"] = "auto"
    """Character set on the wire; "auto" = read UTF-8 where it is valid, else `fallback_charset`, and write UTF-8."""
    fallback_charset: Literal["cp850", "latin-1"] = "cp850"
    """What text is read as under "auto" where it is no UTF-8."""
    terminator: Literal["cr", "crlf"] = "cr"
    """What ends our messages; some servers want CR LF, others stop at it."""
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = "|"
    """Character that ends a field."""
    error_detection: bool = True
    """Send sequence numbers and checksums; a server that answers without them is spoken to without them."""
    timeout_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    """How long one answer may take; 0 = as the server's status says, else 5 seconds."""
    check_in: bool = False
    """Check an item in when it has passed (a set: when all its parts have)."""
    properties: bool = False
    """Write the tag's number into "item properties" (CH), if the server offers that message (BX); most ignore it."""
    live_records: bool = False
    """Ask the server for the item first, and the catalog index when it does not answer."""
    voyager_url: str = ""
    """Voyager's REST address up to and with /vxws, e.g. https://voyager.example.edu:7014/vxws: adds location, item type and
    status of the item to what SIP2 says. Read only."""

    @property
    def is_local(self) -> bool:
        """The server (or a tunnel to it) is on this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results go."""

    file: FileSink = FileSink()
    alma: Alma = Alma()
    sip2: Sip2 = Sip2()

    @property
    def scanned_in(self) -> tuple[str, ...]:
        """Names of the systems where an item that has passed is scanned in by an order of its own."""
        return ("alma",) if self.alma.enabled and self.alma.scan_in else ()


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quality rules."""

    site_file: str = ""
    """TOML file with the site's own rules and changes; empty = only the shipped ones."""
    oversize_cm: Annotated[float, Meta(gt=0, le=200)] = 30.0
    """Items taller than this are oversize."""
    oversize_locations: tuple[str, ...] = ("OVERSIZE",)
    """Location codes where oversize items belong."""
    leased_item_types: tuple[str, ...] = ()
    """Item types of what is leased and goes back; empty = only the record says (541 $c)."""
    leased_locations: tuple[str, ...] = ()
    """Location codes of what is leased."""
    gift_item_types: tuple[str, ...] = ()
    """Item types of gifts; empty = only the record says (541 $c)."""
    bind_first_item_types: tuple[str, ...] = ()
    """Item types of what goes to the bindery before it is stamped; empty = the site has not said."""


class Sampling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which human confirmations are asked for; see docs/sampling.md."""

    enabled: bool = False
    """Ask for confirmations by sample; false = every confirmation for every item."""
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    """How sure a clean sample shall make us."""
    target_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.02
    """The share of bad items that must not be reached, for new workers and at the normal level; 0.02 = 98 % good."""
    tightened_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.03
    """The same where every item is looked at again after bad work was found; at least target_rate."""
    reduced_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.05
    """The same at the reduced level; at least target_rate."""
    lot: Annotated[int, Meta(ge=10, le=10000)] = 500
    """Items of one worker or vendor that make a lot."""
    reduce_after: Annotated[int, Meta(ge=0, le=1000)] = 5
    """Lots accepted in succession before the reduced level; 0 = never."""
    retrain_after: Annotated[int, Meta(ge=0, le=1000)] = 3
    """Bad items, while every item is looked at again, before the technician is told; 0 = never."""
    idle_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    """Days without an item after which every item is looked at again; 0 = never."""
    by_vendor: bool = True
    """Also sample by vendor, where the record says one; what is bad there then counts for the vendor, not the worker."""
    table: str = ""
    """TOML file with the site's own plans, relative to the data directory; empty = computed (extra "statistics")."""


class Corrections(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a failed finding; see docs/corrections.md."""

    from_severity: Literal["critical", "major", "minor"] = "major"
    """The least bad finding that becomes a correction."""
    critical_days: Annotated[int, Meta(ge=0, le=366)] = 1
    """Days until a critical finding must be mended."""
    major_days: Annotated[int, Meta(ge=0, le=366)] = 3
    """Days until a major finding must be mended."""
    minor_days: Annotated[int, Meta(ge=0, le=366)] = 14
    """Days until a minor finding must be mended."""
    recheck_days: Annotated[int, Meta(ge=0, le=366)] = 2
    """Days until a recheck must be done."""
    waiver_reasons: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=8)] = (
        "Accepted as it is",
        "Cannot be mended",
        "Rule does not fit this item",
    )
    """Reasons that the screen offers when a finding is waived."""


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spine labels, pocket labels, parts labels and flag slips; see docs/labels.md."""

    template: str = "us-common"
    """How call numbers are broken into label lines: us-common, alma-1, alma-2, dewey-narrow, no-points, or your own TOML file
    (its name ends in .toml), relative to the data directory."""
    paper: str = "spine-25x38"
    """Stock for spine labels: a ready paper of docs/labels.md, or your own TOML file, relative to the data directory."""
    pocket_paper: str = "pocket-76x51"
    """Stock for pocket labels."""
    part_paper: str = "part-57x32"
    """Stock for the labels of the parts of a set."""
    flag_paper: str = "flag-102x152"
    """Stock for the flag slip of an item that failed."""
    format: Literal["pdf", "zpl"] = "pdf"
    """"pdf" for any printer that CUPS knows; "zpl" = ZPL II, for label printers."""
    to: str = "labels"
    """Where labels go: a directory, relative to the data directory; "cups:QUEUE"; or "device:/dev/usb/lp0"."""
    barcode: Literal["code39", "codabar", "code128", "qr"] = "codabar"
    """Kind of barcode on labels whose paper has a place for one."""
    fonts: tuple[str, ...] = ()
    """Further TrueType files (.ttf), relative to the data directory, for characters that the station's own fonts do not
    have."""


class Screen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sight and sound."""

    sound: bool = True
    """Play sounds (through the sound player if there is one, else the terminal bell)."""
    sound_player: tuple[str, ...] = ()
    """Program that plays a WAV file given as its last argument, e.g. ["aplay", "-q"]; empty = terminal bell."""


class Web(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pad for Alma's page in the browser (RFID integration profile "Other"), over HTTPS; see
    docs/library-systems/alma-rfid.md."""

    enabled: bool = False
    """Serve Alma's page."""
    bind: str = "loopback"
    """"loopback" = only browsers on this machine; another IP address lets other machines use the pad."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8443
    """TCP port; 0 = any free one (for tests)."""
    origins: tuple[str, ...] = ("https://*.alma.exlibrisgroup.com",)
    """Pages that may use the pad, as origins; "*." stands for exactly one label."""
    names: tuple[str, ...] = ()
    """Further host names and addresses under which the browser calls, besides localhost, 127.0.0.1 and [::1]."""
    certificate: str = ""
    """PEM file with the server's certificate (and those between), relative to the data directory; empty = the one that
    `station web certificate make` makes."""
    key: str = ""
    """PEM file with its key, not encrypted."""
    reader_ip: str = ""
    """What Alma calls this reader at its circulation desk; any other `reader_ip` is refused. Empty = not compared."""
    tag_id: Literal["uid", "barcode"] = "uid"
    """What a tag's `tag_id` is in answers to Alma: its UID, or the item's barcode once more."""
    answer_s: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """How long a call waits for the bench, in seconds, before it is told that the station is busy."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    library: Library = Library()
    station: Station = Station()
    barcodes: Barcodes = Barcodes()
    scanner: Scanner = Scanner()
    reader: Reader = Reader()
    tag: Tag = Tag()
    catalog: CatalogSettings = CatalogSettings()
    delivery: Delivery = Delivery()
    rules: Rules = Rules()
    sampling: Sampling = Sampling()
    corrections: Corrections = Corrections()
    labels: Labels = Labels()
    screen: Screen = Screen()
    web: Web = Web()


def parse(text: str, source: str = "station.toml") -> Settings:
    """Read settings from TOML text; raises `SettingsError` with file, key and the nearest known key."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: not valid TOML: {error}") from error
    _refuse_unknown(raw, Settings, source, "")
    try:
        return msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{source}: {error}") from error


def load(path: Path) -> Settings:
    """Read a settings file; a missing one is a `SettingsError` that names `station init`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(f"{path} does not exist; make one with: station init") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return parse(text, str(path))


def _refuse_unknown(raw: dict[str, Any], struct: type[msgspec.Struct], source: str, where: str) -> None:
    hints = typing.get_type_hints(struct)
    for key, value in raw.items():
        name = f"{where}{key}"
        if key not in hints:
            near = difflib.get_close_matches(key, list(hints), n=1, cutoff=0.5)
            hint = f'; did you mean "{where}{near[0]}"?' if near else f"; known are: {', '.join(hints)}"
            raise SettingsError(f'{source}: unknown key "{name}"{hint}')
        child = hints[key]
        if isinstance(value, dict) and isinstance(child, type) and issubclass(child, msgspec.Struct):
            _refuse_unknown(value, child, source, f"{name}.")
