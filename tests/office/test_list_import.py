"""A packing list sent from a desk: it is looked at, then taken; refused files and foreign senders change nothing."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from station.domain.events import PackingListImported, PackingListReplaced
from station.office import app
from station.office.list_import import PATH
from station.office.upload import Upload, Uploads, parse
from tests.office.desk import EVIL, HERE, PINS, Browser, browser, events, made, text_of
from tests.office.routes import whole

NEW = b"isbn,title,quantity\n9780262033848,Soup for two,2\n9780140449136,Rivers,1\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def sent(desk: Browser, content: bytes, name: str = "inv8.csv", **typed: str) -> httpx2.Response:
    """Choose a file, and send it."""
    fields = {**desk.form(PATH), "vendor": "ybp", "list": "INV-8", "kind": "box", **typed}
    return desk.client.post(PATH, data=fields, files={"file": (name, content, "text/csv")}, headers=HERE)


def imported(data: Path) -> list[PackingListImported | PackingListReplaced]:
    return [event for event in events(data) if isinstance(event, PackingListImported | PackingListReplaced)][1:]


def test_a_file_is_looked_at_before_it_is_taken(data: Path) -> None:
    with browser(data, "tim") as desk:
        looked = sent(desk, NEW)
        page = desk.follow(looked)
        assert "2 × Soup for two, 9780262033848" in page.text and "2 lines, 3 copies" in page.text
        assert 'id="field-pin"' in page.text, "an import needs the PIN every time"
        assert not imported(data), "a file that is looked at changes nothing"
        path = looked.headers["location"]
        fields = {**desk.form(path), "pin": PINS["tim"]}
        first = desk.post(path, fields)
        assert desk.follow(first).url.path == "/vendors/ybp"
        assert desk.post(path, fields).headers["location"] == first.headers["location"]
        again = desk.send(sent(desk, NEW).headers["location"], pin=PINS["tim"])
        assert again.status_code == 409 and "were imported already" in again.text
    (event,) = imported(data)
    assert (event.content.name, event.source, event.operator, event.via) == ("INV-8", "inv8.csv", "w-tim", "office")


def test_what_another_content_changes_is_shown(data: Path) -> None:
    with browser(data, "tess") as desk:
        desk.send(sent(desk, NEW).headers["location"], pin=PINS["tess"])
        looked = sent(desk, NEW.replace(b"two,2", b"two,5"))
        page = desk.follow(looked).text
        assert "changed: 1 Soup for two: quantity: 2, now 5" in page and "2 lines, 6 copies" in page
        desk.follow(desk.send(looked.headers["location"], pin=PINS["tess"]))
    assert [type(event) for event in imported(data)] == [PackingListImported, PackingListReplaced]


def test_a_file_that_is_no_list_is_refused_at_its_field(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(data, "tess") as desk:
        wrong = sent(desk, b"isbn,quantity\n9.78014E+12,2\n")
        assert wrong.status_code == 409 and 'id="wrong-file"' in wrong.text and "line 2" in text_of(wrong.text)
        assert sent(desk, b"").status_code == 422
        monkeypatch.setattr(app, "MAX_FILE", 1000)
        long = sent(desk, b"x" * 2000)
        assert long.status_code == 413 and "Send a smaller one." in long.text
        broken = {**HERE, "content-type": "multipart/form-data; boundary=x"}
        assert desk.client.post(PATH, content=b"--x\r\nno form", headers=broken).status_code == 413
    assert not imported(data)


def test_only_this_office_and_this_session_may_send_and_take(data: Path) -> None:
    with browser(data, "tess") as desk:
        fields = desk.form(PATH)
        for headers in ({}, {"sec-fetch-site": "same-site"}):
            answer = desk.client.post(PATH, data=fields, files={"file": ("a.csv", NEW)}, headers=headers)
            assert answer.status_code == 403
        assert sent(desk, NEW, token="x").status_code == 403
        path = sent(desk, NEW).headers["location"]
        fields = {**desk.form(path), "pin": PINS["tess"]}
        assert desk.post(path, {**fields, "token": "x"}).status_code == 403
        assert desk.post(path, {**fields, "pin": "111222"}).status_code == 403
        desk.client.cookies.clear()
        desk.sign_in("bea")
        gone = desk.get(path)
        assert gone.status_code == 409 and "The file is no longer here." in gone.text
    assert not imported(data)


def test_text_of_a_file_is_only_text(data: Path) -> None:
    rows = f'isbn,title\n9780262033848,"{EVIL}"\n'.encode()
    with browser(data, "tess") as desk:
        page = desk.follow(sent(desk, rows, name=f"..\\{EVIL}.csv", list=EVIL))
        whole(page, PATH)
        assert "alert(1)" in page.text
        desk.send(page.url.path, pin=PINS["tess"])
        whole(desk.get("/vendors/ybp"), "/vendors/ybp")


def test_a_form_with_a_file_is_read_as_it_was_sent() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="vendor"\r\n\r\nybp\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="C:\\lists\\a.csv"\r\nContent-Type: text/csv\r\n\r\n'
        b"1\r\n--2\r\n\x00\xff\r\n--b--\r\n"
    )
    fields, upload = parse("multipart/form-data; boundary=b", body, 5)
    assert fields == [("vendor", "ybp"), ("file", "a.csv")] and upload == Upload("a.csv", b"1\r\n--2\r\n\x00\xff")
    for wrong in (body[:-8], b"x" + body, body.replace(b"name=", b"nome="), b""):
        with pytest.raises(ValueError, match="no f"):
            parse("multipart/form-data; boundary=b", wrong, 5)
    with pytest.raises(ValueError, match="no form"):
        parse("multipart/form-data; boundary=b", body, 1)


def test_only_the_newest_files_are_kept() -> None:
    uploads = Uploads(most=2)
    first, second, third = (uploads.keep("s", number) for number in range(3))
    assert (uploads.find("s", first), uploads.find("s", second), uploads.find("t", third)) == (None, 1, None)
