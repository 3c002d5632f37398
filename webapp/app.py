"""The only place where the parts meet; it reads from top to bottom."""

from functools import partial

from flask import Flask
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import (
    api,
    assets,
    class_sockets,
    class_views,
    crowding,
    history,
    keeping,
    origins,
    sockets,
    views,
    wire_json,
)
from webapp.class_store import ClassStore, LocalStore
from webapp.classes import Classes
from webapp.concurrency import concurrency_for
from webapp.config import ROOT, ConfigError, Settings
from webapp.core.frames import MAX_JPEG_BYTES
from webapp.demo import Demo
from webapp.inference import load_networks
from webapp.lesson_keeping import LessonKeeping
from webapp.picture_reader import PictureReader
from webapp.recogniser import Recogniser
from webapp.redis_link import MessageQueue, RedisLink
from webapp.redis_store import RedisStore
from webapp.sessions import Sessions
from webapp.storage.database import database_url
from webapp.storage.keeper import Keeper
from webapp.teacher import Teacher, kept_teacher
from webapp.tls import SecureOnly
from webapp.vocabulary import language_of

# Of a request that is asked for by no call with a limit of its own.
MOST_BODY_BYTES = 65_536


def create_app(settings: Settings) -> tuple[Flask, SocketIO]:
    """An application and its socket server, with the models loaded and frames about to be answered.

    In eventlet mode the process must have been monkey-patched before anything was imported (see __main__).
    Raises BundleError for a model that cannot be served, ConfigError for a database or Redis URL that says nothing.
    """
    admitted = partial(origins.admitted, settings.allowed_origins)
    app = Flask("webapp", static_folder=None, template_folder=ROOT / "templates")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    link = _redis_link(settings.redis_url) if settings.redis_url else None
    # Made here and not as a module's global, which would go silently dead with the second application of a process.
    socketio = SocketIO(
        app,
        async_mode=settings.async_mode,  # never guessed: installing another package would change the guess
        cors_allowed_origins=admitted if settings.allowed_origins else None,
        # The handshake is answered before anything is sent over it, as the Socket.IO protocol wants it.
        always_connect=True,
        # A message above this size drops the connection without a word, so it lies well above what we refuse by name.
        max_http_buffer_size=4 * MAX_JPEG_BYTES,
        client_manager=MessageQueue(link) if link else None,  # rooms reach across servers
        json=wire_json,
        manage_session=False,
        serve_client=False,
    )
    concurrency = concurrency_for(settings.async_mode)
    networks = load_networks(settings.models, settings.max_batch)
    recogniser = Recogniser(networks, concurrency, settings.max_batch, settings.models, settings.reader_processes)
    picture_reader = PictureReader(recogniser, concurrency, settings.predict_requests)
    sessions = Sessions(settings.resume_seconds)
    keeper = Keeper(
        database_url(settings.database_url, settings.data), settings.retention_days, settings.lesson_days, concurrency
    )

    teacher = kept_teacher(settings.data, settings.teacher_key) if settings.class_mode != "off" else None
    store = RedisStore(link) if link else LocalStore(settings.data / "classes.json")
    classes = _with_classes(app, socketio, settings, teacher, store, recogniser, keeper) if teacher else None

    language = language_of(recogniser.cards)
    sockets.register(socketio, recogniser, sessions, keeper, settings, language, concurrency, classes)
    assets.serve(app, assets.Assets())
    app.register_blueprint(views.blueprint(recogniser))
    app.register_blueprint(api.blueprint(picture_reader, admitted, settings))
    app.register_blueprint(history.blueprint(sessions, keeper))
    app.extensions["handspell"] = {
        "recogniser": recogniser,
        "picture_reader": picture_reader,
        "sessions": sessions,
        "keeper": keeper,
        "classes": classes,
        "teacher": teacher,
    }

    recogniser.start()
    picture_reader.start()
    keeper.start()
    socketio.start_background_task(sockets.sweep_forever, socketio, sessions)
    socketio.start_background_task(crowding.watch_forever, socketio, recogniser)
    socketio.start_background_task(keeping.watch_forever, socketio, sessions, keeper)
    return app, socketio


def _redis_link(url: str) -> RedisLink:
    try:
        return RedisLink(url)
    except ValueError as error:
        # The URL itself is not repeated: it may hold a password.
        raise ConfigError(f"HANDSPELL_REDIS_URL must look like redis://host:6379/0 ({error}).") from None


def _with_classes(
    app: Flask,
    socketio: SocketIO,
    settings: Settings,
    teacher: Teacher,
    store: ClassStore,
    recogniser: Recogniser,
    keeper: Keeper,
) -> Classes:
    """The classes that this server knows, with their pages, their events and what keeps them in the background."""
    classes = Classes(store, settings.class_hours)
    lessons = LessonKeeping(classes, keeper)
    demo = Demo(classes, recogniser, settings.text_limit, socketio.start_background_task, socketio.sleep)
    app.register_blueprint(class_views.blueprint(classes, lessons, demo, teacher, settings))
    class_sockets.register(socketio, classes, lessons, teacher)
    socketio.start_background_task(class_sockets.tell_boards_forever, socketio, classes)
    socketio.start_background_task(class_sockets.sweep_forever, socketio, classes)
    socketio.start_background_task(class_sockets.watch_keeping_forever, socketio, lessons)
    if store.shared:
        socketio.start_background_task(class_sockets.hear_others_forever, classes)
    demo.resume()
    if settings.class_mode == "lan":
        app.wsgi_app = SecureOnly(app.wsgi_app)  # type: ignore[method-assign]
    if settings.class_mode == "proxy":
        # Who tries codes is told apart by address, and the proxy's is everybody's. Only what it wrote itself is believed.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return classes
