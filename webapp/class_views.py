"""The pages of a class and the calls behind them: the pupil's door, the teacher's page and the board."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp import chart, lesson_views
from webapp.classes import PUPIL_COOKIE, Classes
from webapp.config import Settings
from webapp.core.classroom import CODE_LENGTH, NAME_LENGTH, Class, ClassError
from webapp.core.simulated import MOST_PUPILS
from webapp.demo import Demo
from webapp.lesson_keeping import LessonKeeping
from webapp.network import join_address, way_in
from webapp.origins import same_origin, set_secret
from webapp.teacher import TEACHER_COOKIE, Teacher
from webapp.tls import PLAIN_PAGE, WANTED

STATUSES = {
    "no_class": 404,
    "no_pupil": 404,
    "demo_class": 409,
    "class_full": 409,
    "demo_open": 409,
    "no_demo": 409,
    "class_locked": 409,
    "nobody_else": 409,
    "slow_down": 429,
    "class_away": 503,
    "not_teacher": 403,
    "other_site": 403,
}

PUPIL_COOKIE_SECONDS = 7 * 86400  # a class is over long before; then the cookie means nothing
TEACHER_COOKIE_SECONDS = 365 * 86400


def blueprint(classes: Classes, lessons: LessonKeeping, demo: Demo, teacher: Teacher, settings: Settings) -> Blueprint:
    """The routes."""
    address = settings.class_address
    views = Blueprint("classes", __name__)

    def is_teacher() -> bool:
        return teacher.has_cookie(request.cookies.get(TEACHER_COOKIE))

    def who_comes(cookie: str | None) -> dict[str, Any]:
        """`in_class` also holds while it cannot be told who the pupil is: the page learns that when the classes are back."""
        try:
            found = classes.pupil_of(cookie)
        except ClassError:
            return {"in_class": True, "pupil": None, "class_code": (cookie or "")[:CODE_LENGTH]}
        one, pupil = found or (None, None)
        return {"in_class": pupil is not None, "pupil": pupil, "class_code": one.code if one else ""}

    def for_teacher(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*given: Any, **named: Any) -> Any:
            if is_teacher():
                return view(*given, **named)
            if request.path.startswith("/api/"):
                raise ClassError("not_teacher", "Only the teacher can do this.")
            return render_template("not_teacher.html"), 403

        return guarded

    def shown(one: Class, page: str, **more: Any) -> str:
        base = join_address(request, address)
        link = way_in(base, settings.makes_certificate) + url_for("classes.join_page", code=one.code)
        shown_demo = {"demo": demo.opened, "most_simulated": MOST_PUPILS}
        return render_template(
            page, one=one, address=base.split("//")[1], link=link, qr=qr_of(link), **shown_demo, **more
        )

    @views.before_request
    def refuse_other_sites() -> None:
        if request.method not in ("GET", "HEAD", "OPTIONS") and not same_origin(request.environ):
            raise ClassError("other_site", "Only a page of this server may do this.")

    @views.app_context_processor
    def who() -> dict[str, Any]:
        """What every page's header and the spelling page's class bar go by."""
        if "who" not in g:
            g.who = who_comes(request.cookies.get(PUPIL_COOKIE))
        pages = [] if g.who["in_class"] else [("classes.join_page", "Join a class")]
        if is_teacher():
            pages = [("classes.teach", "Teach")]
        return {**g.who, "class_pages": pages, "chart_how": chart.how()}

    @views.get(PLAIN_PAGE)
    def secure_page() -> str:
        """What a plain http request from another machine is answered with, whatever it asked for."""
        wanted = request.environ.get(WANTED, "/")
        return render_template("secure.html", link=f"https://{request.host}{wanted}")

    # The pupil

    @views.get("/join")
    @views.get("/join/<code>")
    def join_page(code: str = "") -> str:
        return render_template("join.html", code=code[:20], name_length=NAME_LENGTH)

    @views.post("/api/class/join")
    def join() -> Response:
        asked = _asked()
        joined = classes.join(asked.get("code"), asked.get("name"), request.remote_addr or "")
        response = jsonify(name=joined.pupil.name)
        set_secret(response, PUPIL_COOKIE, joined.cookie, PUPIL_COOKIE_SECONDS, "Lax")
        return response

    @views.post("/api/class/leave")
    def leave() -> Response:
        classes.leave(request.cookies.get(PUPIL_COOKIE))
        response = jsonify({})
        response.delete_cookie(PUPIL_COOKIE)
        return response

    # The teacher

    @views.get("/teach/enter/<key>")
    def enter(key: str) -> AnyResponse | tuple[str, int]:
        if not teacher.has_key(key):
            return render_template("not_teacher.html"), 403
        response = redirect(url_for("classes.teach"), 303)  # so that the key leaves the address at once
        set_secret(response, TEACHER_COOKIE, teacher.cookie, TEACHER_COOKIE_SECONDS, "Strict")
        return response

    @views.get("/teach")
    @for_teacher
    def teach() -> AnyResponse | str:
        open_classes = classes.all()
        if [one.demo for one in open_classes] == [False]:
            return redirect(url_for("classes.teach_class", code=open_classes[0].code), 303)
        shown_demo = {"demo": demo.opened, "most_simulated": MOST_PUPILS}
        counts = {one.code: len(classes.pupils(one)) for one in open_classes}
        return render_template("classes.html", classes=open_classes, counts=counts, **shown_demo)

    @views.get("/teach/<code>")
    @for_teacher
    def teach_class(code: str) -> str:
        return shown(classes.get(code), "teach.html", kept_names=lessons.names(), days=lessons.days)

    @views.get("/board/<code>")
    @for_teacher
    def board(code: str) -> str:
        return shown(classes.get(code), "board.html")

    @views.post("/api/class")
    @for_teacher
    def create() -> tuple[Response, int]:
        return jsonify(code=classes.open().code), 201

    @views.post("/api/class/demo")
    @for_teacher
    def create_demo() -> tuple[Response, int]:
        return jsonify(code=demo.open(_asked().get("pupils")).code), 201

    @views.patch("/api/class/<code>")
    @for_teacher
    def change(code: str) -> Response:
        classes.change(code, _asked())
        return jsonify({})

    @views.delete("/api/class/<code>")
    @for_teacher
    def end(code: str) -> Response:
        classes.end(classes.get(code).code)
        return jsonify({})

    @views.put("/api/class/<code>/task")
    @for_teacher
    def set_task(code: str) -> Response:
        classes.set_task(code, _asked())
        return jsonify({})

    @views.delete("/api/class/<code>/task")
    @for_teacher
    def end_task(code: str) -> Response:
        classes.end_task(code)
        return jsonify({})

    @views.post("/api/class/<code>/round")
    @for_teacher
    def next_round(code: str) -> Response:
        classes.next_round(code)
        return jsonify({})

    @views.post("/api/class/<code>/teams")
    @for_teacher
    def shuffle(code: str) -> Response:
        classes.shuffle(code)
        return jsonify({})

    @views.post("/api/class/<code>/teams/<name>/skip")
    @for_teacher
    def skip(code: str, name: str) -> Response:
        classes.skip(code, name)
        return jsonify({})

    @views.patch("/api/class/<code>/pupils/<pupil_id>")
    @for_teacher
    def rename(code: str, pupil_id: str) -> Response:
        return jsonify(name=classes.rename(code, pupil_id, _asked().get("name")).name)

    @views.delete("/api/class/<code>/pupils/<pupil_id>")
    @for_teacher
    def remove(code: str, pupil_id: str) -> Response:
        classes.remove(code, pupil_id)
        return jsonify({})

    lesson_views.add(views, for_teacher, classes, lessons)

    @views.errorhandler(ClassError)
    def refuse(error: ClassError) -> AnyResponse | tuple[Response | str, int]:
        status = STATUSES.get(error.code, 400)
        if request.path.startswith("/api/"):
            return jsonify(error.reply), status
        return redirect(url_for("classes.teach"), 303)  # only a class that is over: the teacher opens another

    return views


def _asked() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    return asked if isinstance(asked, dict) else {}


def qr_of(link: str) -> str:
    """A QR code as an SVG element that takes its colours from the page's style sheet."""
    return segno.make(link, error="m", micro=False).svg_inline(
        omitsize=True, border=2, lineclass=None, svgclass="qr-code"
    )
