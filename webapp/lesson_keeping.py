"""How the tasks of a lesson went, kept for the teacher who says so: under a class's name, beside that class's other lessons.

Nothing is kept unless the teacher says so, and then every page of the class says it. What a letter changes is handed over at
once and written within half a second; a lesson that is deleted stays deleted, whichever server still knows something of it.
"""

from contextlib import suppress
from datetime import UTC, datetime

from webapp.classes import Classes
from webapp.core import progress
from webapp.core.classroom import Class, ClassError, Pupil
from webapp.core.progress import KeptPupil, Lesson
from webapp.storage.keeper import DatabaseAway, Keeper
from webapp.storage.lessons import Portion, Summary


class LessonKeeping:
    """What the teacher may ask of the lessons that are kept. Raises DatabaseAway, and changes nothing then."""

    def __init__(self, classes: Classes, keeper: Keeper) -> None:
        self.days = keeper.lesson_days
        self._classes = classes
        self._keeper = keeper
        classes.keep = self._put

    @property
    def waiting(self) -> bool:
        """Whether what is to be kept waits in memory, because the database is away."""
        return self._keeper.away is not None

    def begin(self, code: str, class_name: object) -> Class:
        """Keep a lesson from its first task on. Raises ClassError `no_class`, `bad_name` or `demo_class`."""
        one, name = self._classes.get(code), progress.clean_class_name(class_name)
        if one.demo:
            raise ClassError("demo_class", "A demo class is never kept: its pupils are simulated.")
        began = _moment(one.created)
        # First: pupils are only told that it is kept when there is a place for it.
        self._keeper.ask(lambda store: store.lessons.begin(one.lesson_id, name, began))
        return self._classes.keep_as(one.code, name)

    def end(self, code: str) -> None:
        """Keep nothing of a lesson any more, nor what was kept of it. Raises ClassError `no_class`."""
        one = self._classes.get(code)
        self._keeper.ask(lambda store: store.lessons.delete(one.lesson_id))
        self._classes.keep_as(one.code, "")

    def delete(self, id: str | None = None, class_name: str | None = None) -> None:
        """Delete one lesson, those of one class, or all; one that is going on is kept no longer."""
        gone = self._keeper.ask(lambda store: store.lessons.delete(id, class_name))
        for one in self._classes.all():
            if one.kept_as and one.lesson_id in gone:
                self._classes.keep_as(one.code, "")

    def all(self) -> list[Summary]:
        """Every lesson, the newest first."""
        return self._keeper.ask(lambda store: store.lessons.all())

    def names(self) -> list[str]:
        """Of the classes that have lessons, the latest first; none while the database is away."""
        names: dict[str, str] = {}
        with suppress(DatabaseAway):
            for one in self.all():
                names.setdefault(progress.key_of(one.class_name), one.class_name)
        return list(names.values())

    def read(self, id: str) -> Lesson | None:
        """None where nothing is kept under this id."""
        return self._keeper.ask(lambda store: store.lessons.read(id))

    def before(self, lesson: Lesson) -> list[Lesson]:
        """The lessons of the same class that began before this one."""
        kept = self._keeper.ask(lambda store: store.lessons.of_class(lesson.class_name))
        return [one for one in kept if one.id != lesson.id and one.began <= lesson.began]

    def as_lesson(self, one: Class) -> Lesson:
        """An open class as it would be kept now."""
        pupils = tuple(_kept(pupil) for pupil in self._classes.pupils(one) if pupil.record.rounds)
        return Lesson(one.lesson_id, one.kept_as, _moment(one.created), pupils)

    def put_everybody(self) -> None:
        """Keep how everybody stands: a server that was killed may have known more than it had written."""
        for one in self._classes.all():
            for pupil in self._classes.pupils(one):
                self._put(one, pupil, removed=False)

    def _put(self, one: Class, pupil: Pupil, removed: bool) -> None:
        if one.kept_as and pupil.record.rounds:
            kept = None if removed else _kept(pupil)
            self._keeper.put(Portion(one.lesson_id, pupil.id, kept, datetime.now(UTC)))


def _kept(pupil: Pupil) -> KeptPupil:
    return KeptPupil(pupil.id, pupil.seat, pupil.name, pupil.record)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
