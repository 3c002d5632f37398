"""Open classes are found again as they were, and forgotten when they end."""

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from webapp import class_store
from webapp.class_store import LocalStore
from webapp.classes import Classes
from webapp.core.classroom import Class, Pupil
from webapp.core.contest import Baton

CLASS = Class("ACDEFG", created=1.0, expires=100.0)
MIA = Pupil("m", "hash", 1, "Mia", 2.0)
BEN = Pupil("b", "hash", 2, "Ben", 3.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "classes.json"


@pytest.fixture
def store(path: Path) -> LocalStore:
    made = LocalStore(path)
    made.set_class(CLASS)
    made.add_pupil(CLASS.code, BEN)
    made.add_pupil(CLASS.code, MIA)
    return made


def test_another_store_finds_what_was_flushed(store: LocalStore, path: Path) -> None:
    store.change_pupil(CLASS.code, "m", text="HI")
    store.flush()
    found = LocalStore(path)
    assert (found.codes(), found.get_class(CLASS.code)) == ([CLASS.code], CLASS)
    assert [(pupil.name, pupil.text) for pupil in found.pupils(CLASS.code)] == [("Mia", "HI"), ("Ben", "")]


def test_of_two_who_hand_a_baton_on_at_once_one_does(store: LocalStore, path: Path) -> None:
    first, second = Baton(1, "m", 5.0), Baton(1, "b", 6.0, done=1)
    assert store.pass_baton(CLASS.code, "Sun", None, first)
    assert not store.pass_baton(CLASS.code, "Sun", None, second), "there is one by now"
    assert store.pass_baton(CLASS.code, "Sun", first, second)
    assert not store.pass_baton(CLASS.code, "Sun", first, first)
    store.set_class(replace(CLASS, hints=True))
    assert store.batons(CLASS.code) == {"Sun": second}, "no setting of the class touches it"
    store.flush()
    assert LocalStore(path).batons(CLASS.code) == {"Sun": second}
    store.delete(CLASS.code)
    assert not store.pass_baton(CLASS.code, "Sun", None, first)
    assert store.batons(CLASS.code) == {}


def test_the_file_is_for_this_user_alone_and_goes_with_the_last_class(store: LocalStore, path: Path) -> None:
    store.flush()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.delete(CLASS.code)
    store.flush()
    assert list(path.parent.iterdir()) == []
    assert LocalStore(path).codes() == []


def test_a_pupil_who_is_gone_is_not_brought_back_by_a_letter_on_its_way(store: LocalStore) -> None:
    store.remove_pupil(CLASS.code, "m")
    assert store.change_pupil(CLASS.code, "m", text="HI") is None
    store.delete(CLASS.code)
    store.add_pupil(CLASS.code, MIA)
    assert (store.pupils(CLASS.code), store.get_pupil(CLASS.code, "m")) == ([], None)


def test_nothing_is_written_where_nothing_has_changed(store: LocalStore, path: Path) -> None:
    store.flush()
    path.unlink()
    store.flush()
    assert not path.exists()


def test_a_file_that_cannot_be_read_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"ACDEFG": {"class": {}}}')
    assert LocalStore(path).codes() == []
    assert path.with_suffix(".unreadable").read_text() == '{"ACDEFG": {"class": {}}}'


def test_a_disk_that_fails_is_tried_again(store: LocalStore, path: Path) -> None:
    path.parent.write_text("a file stands where the folder should")
    store.flush()
    path.parent.unlink()
    store.flush()
    assert LocalStore(path).codes() == [CLASS.code]


def test_whoever_flushes_last_has_everything_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path / "classes.json")
    classes = Classes(store, 1.0)
    code = classes.open().code
    mia = classes.join(code, "Mia", "here").pupil.id
    write, begun, go_on = class_store.write_private, threading.Event(), threading.Event()

    def slowly(path: Path, text: str) -> None:
        begun.set()
        assert go_on.wait(20)
        write(path, text)

    monkeypatch.setattr(class_store, "write_private", slowly)
    classes.wrote(code, mia, "H")
    first, second = threading.Thread(target=store.flush), threading.Thread(target=store.flush)
    first.start()
    assert begun.wait(20)
    classes.wrote(code, mia, "HI")
    second.start()
    go_on.set()
    for one in (first, second):
        one.join(20)
    assert '"text": "HI"' in (tmp_path / "classes.json").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["classes.json"]
