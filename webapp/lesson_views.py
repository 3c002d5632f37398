"""The report of a class, the lessons that the teacher keeps, and the switch that says whether this one is."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.classes import Classes
from webapp.core import progress, report
from webapp.core.progress import Lesson
from webapp.core.refusal import error_reply
from webapp.lesson_keeping import LessonKeeping
from webapp.storage.keeper import DatabaseAway

AWAY = "The database is away, so nothing was kept or deleted. The lesson goes on; try again in a moment."

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

SHEETS: dict[str, Callable[[Sequence[Lesson]], str]] = {
    "letters": lambda lessons: report.letters_csv(lessons[-1].pupils),
    "rounds": lambda lessons: report.rounds_csv(lessons[-1].pupils),
    "progress": progress.progress_csv,
}
"""What each is made of: the lessons of a class, this one last."""


def add(views: Blueprint, for_teacher: Guard, classes: Classes, lessons: LessonKeeping) -> None:
    """Add the routes to those of the classes, and with them the way in which they are refused."""

    def page(lesson: Lesson, **shown: Any) -> str:
        earlier: list[Lesson] | None = []
        if lesson.class_name:
            try:
                earlier = lessons.before(lesson)
            except DatabaseAway:  # what the class itself knows is shown all the same
                earlier = None
        return render_template(
            "report.html",
            lesson=lesson,
            report=report.report_on(lesson.pupils),
            progress=progress.progress_of(lesson, earlier) if earlier else None,
            away=earlier is None,
            days=lessons.days,
            **shown,
        )

    def sheet(lesson: Lesson, kind: str, name: str) -> Response:
        if kind not in SHEETS:
            abort(404)
        earlier = lessons.before(lesson) if kind == "progress" and lesson.class_name else []
        response = Response(SHEETS[kind]([*earlier, lesson]), mimetype="text/csv")
        response.headers["Content-Disposition"] = f"attachment; filename=handspell-{name}-{kind}.csv"
        return response

    def kept(id: str) -> Lesson:
        lesson = lessons.read(id)
        if lesson is None:
            abort(redirect(url_for("classes.kept_lessons"), 303))
        return lesson

    # The report of a class that is open

    @views.get("/teach/<code>/report")
    @for_teacher
    def report_page(code: str) -> str:
        one = classes.get(code)
        return page(lessons.as_lesson(one), one=one)

    @views.get("/teach/<code>/report-<kind>.csv")
    @for_teacher
    def report_csv(code: str, kind: str) -> Response:
        one = classes.get(code)
        return sheet(lessons.as_lesson(one), kind, one.code)

    # Lessons that are kept

    @views.get("/teach/lessons")
    @for_teacher
    def kept_lessons() -> str | tuple[str, int]:
        try:
            found = lessons.all()
        except DatabaseAway:
            return render_template("lessons.html", shelves=[], away=True, days=lessons.days), 503
        shelves: dict[str, list[Any]] = {}
        for one in found:
            shelves.setdefault(progress.key_of(one.class_name), []).append(one)
        return render_template("lessons.html", shelves=list(shelves.values()), away=False, days=lessons.days)

    @views.get("/teach/lessons/<id>")
    @for_teacher
    def kept_lesson(id: str) -> str:
        return page(kept(id))

    @views.get("/teach/lessons/<id>/report-<kind>.csv")
    @for_teacher
    def kept_csv(id: str, kind: str) -> Response:
        lesson = kept(id)
        return sheet(lesson, kind, f"{lesson.began:%Y-%m-%d}")

    @views.put("/api/class/<code>/kept")
    @for_teacher
    def keep(code: str) -> Response:
        asked = request.get_json(silent=True)
        one = lessons.begin(code, asked.get("name") if isinstance(asked, dict) else None)
        return jsonify(name=one.kept_as)

    @views.delete("/api/class/<code>/kept")
    @for_teacher
    def keep_no_longer(code: str) -> Response:
        lessons.end(code)
        return jsonify({})

    @views.delete("/api/lessons/<id>")
    @for_teacher
    def delete_lesson(id: str) -> Response:
        lessons.delete(id=id)
        return jsonify({})

    @views.delete("/api/lessons")
    @for_teacher
    def delete_lessons() -> Response:
        lessons.delete(class_name=request.args.get("class"))
        return jsonify({})

    @views.after_request
    def private(response: Response) -> Response:
        # Neither a proxy nor the browser may keep what the teacher can have deleted.
        if request.path.startswith("/teach/"):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    @views.errorhandler(DatabaseAway)
    def away(error: DatabaseAway) -> AnyResponse | tuple[Response, int]:
        if request.path.startswith("/api/"):
            return jsonify(error_reply("database_away", AWAY)), 503
        return redirect(url_for("classes.kept_lessons"), 303)  # which says so
