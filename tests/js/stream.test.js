import assert from "node:assert/strict";
import { test } from "node:test";
import { Stream } from "../../static/js/stream.js";

/** A socket that a test answers by hand. */
class FakeSocket {
  connected = false;
  active = true;
  /** @type {Record<string, (value?: any) => void>} */
  handlers = {};
  /** @type {{event: string, message: any, reply: (error: Error | null, reply?: any) => void}[]} */
  sent = [];

  /** @param {string} event @param {(value?: any) => void} handler */
  on(event, handler) {
    this.handlers[event] = handler;
  }

  timeout() {
    return {
      /** @param {string} event @param {any} message @param {any} reply */
      emit: (event, message, reply) => this.sent.push({ event, message, reply }),
    };
  }

  greet() {
    this.connected = true;
    this.handlers["hello"]?.({ token: "t", text: "" });
  }

  drop() {
    this.connected = false;
    this.handlers["disconnect"]?.("transport close");
  }
}

/** Lets promises settle and the least gap between two frames pass. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 45));

function setUp() {
  const socket = new FakeSocket();
  /** @type {string[]} */
  const log = [];
  /** @type {any} */
  let figures = null;
  /** @type {any} */
  let options = null;
  const stream = new Stream(
    /** @type {any} */ ((/** @type {any} */ given) => {
      options = given;
      return socket;
    }),
    "old",
    {
      onHello: () => log.push("hello"),
      onConnection: (state) => log.push(state),
      onReading: (reading) => log.push(`reading ${reading.seq}`),
      onRefusal: (refusal) => log.push(`refused ${refusal.error.code}`),
      onBusy: (busy) => log.push(busy ? "busy" : "idle"),
      onSilence: () => log.push("silence"),
      onCaptureError: (error) => log.push(error.message),
      onFigures: (given) => (figures = given),
    },
  );
  let captured = 0;
  const capture = async () => {
    captured += 1;
    return { jpeg: new ArrayBuffer(captured) };
  };
  return { socket, stream, log, capture, figures: () => figures, options: () => options };
}

test("one frame is in flight, and then the newest is sent", async () => {
  const { socket, stream, capture, figures, log } = setUp();
  socket.greet();
  stream.start(capture);
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 1);
  for (let frame = 0; frame < 3; frame++) stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 1, "the next waits for the answer");
  socket.sent[0]?.reply(null, { seq: 0, sign: null });
  await aMoment();
  assert.equal(socket.sent.length, 2, "the newest goes as soon as the answer is there");
  socket.sent[1]?.reply(null, { seq: 1, sign: null });
  await aMoment();
  assert.equal(socket.sent.length, 2, "the same picture is not sent twice");
  assert.deepEqual(socket.sent.map(({ message }) => message.seq), [0, 1]);
  assert.ok(socket.sent[1]?.message.t > socket.sent[0]?.message.t);
  assert.equal(figures().dropped, 2);
  assert.deepEqual(log.slice(-2), ["reading 0", "reading 1"]);
});

test("a frame carries the time when it came, however late and uneven it is sent", async () => {
  const { socket, stream, capture } = setUp();
  socket.greet();
  stream.start(capture);
  stream.frameArrived(1000);
  await aMoment();
  stream.frameArrived(1033);
  stream.frameArrived(1066);
  await aMoment();
  socket.sent[0]?.reply(null, { seq: 0, sign: null });
  await aMoment();
  assert.deepEqual(socket.sent.map(({ message }) => message.t), [1000, 1066]);
});

test("what a picture shows goes as it is, and a picture that shows nothing new does not go", async () => {
  const { socket, stream } = setUp();
  socket.greet();
  /** @type {(import("../../static/js/types.d.ts").Seen | null)[]} */
  const seen = [null, { nothing: true }, { jpeg: new ArrayBuffer(1), hand: "left", crop: [0.5, 0.5, 0.4] }];
  stream.start(async () => seen.shift() ?? null);
  for (let frame = 0; frame < 4; frame++) {
    stream.frameArrived(performance.now());
    await aMoment();
    socket.sent.at(-1)?.reply(null, { seq: frame, sign: null });
    await aMoment();
  }
  const [first, second] = socket.sent.map(({ message }) => message);
  assert.equal(socket.sent.length, 2);
  assert.deepEqual(Object.keys(first), ["seq", "t", "nothing"]);
  assert.deepEqual([first.seq, second.seq], [0, 1]);
  assert.deepEqual([second.hand, second.crop, second.jpeg.byteLength], ["left", [0.5, 0.5, 0.4], 1]);
});

test("nothing is sent before the greeting, without a connection, or after stop", async () => {
  const { socket, stream, capture } = setUp();
  stream.start(capture);
  stream.frameArrived(performance.now());
  await aMoment();
  socket.greet();
  socket.drop();
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(await stream.edit("space"), null);
  assert.equal(socket.sent.length, 0);
  socket.greet();
  stream.stop();
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 0);
});

test("a connection lost while the picture is made keeps the frame from being sent", async () => {
  const { socket, stream } = setUp();
  socket.greet();
  stream.start(async () => {
    socket.drop();
    return { jpeg: new ArrayBuffer(1) };
  });
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 0);
});

test("an answer that never comes is given up and said, and sending goes on", async () => {
  const { socket, stream, capture, log } = setUp();
  socket.greet();
  stream.start(capture);
  stream.frameArrived(performance.now());
  await aMoment();
  socket.sent[0]?.reply(new Error("operation has timed out"));
  await aMoment();
  assert.ok(log.includes("silence"));
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 2);
});

test("a refused frame and a picture that cannot be made are said, and sending goes on", async () => {
  const { socket, stream, capture, log } = setUp();
  socket.greet();
  stream.start(capture);
  stream.frameArrived(performance.now());
  await aMoment();
  socket.sent[0]?.reply(null, { seq: 0, error: { code: "truncated", message: "…" } });
  await aMoment();
  assert.ok(log.includes("refused truncated"));
  stream.start(async () => Promise.reject(new Error("no canvas")));
  stream.frameArrived(performance.now());
  await aMoment();
  assert.ok(log.includes("no canvas"));
  stream.start(capture);
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 2);
});

test("a page that comes back shows the newest token it was given", () => {
  const { socket, options, log } = setUp();
  /** @type {any} */
  let auth = null;
  options().auth((/** @type {any} */ given) => (auth = given));
  assert.deepEqual(auth, { token: "old" });
  socket.greet();
  options().auth((/** @type {any} */ given) => (auth = given));
  assert.deepEqual(auth, { token: "t" });
  socket.active = false;
  socket.drop();
  assert.equal(log.at(-1), "closed", "what the server closed does not mend itself");
});

test("while the server has too much to do, frames are further apart", async () => {
  const { socket, stream, capture, log } = setUp();
  socket.greet();
  socket.handlers["busy"]?.({ busy: true, gap_ms: 200 });
  assert.ok(log.includes("busy"));
  stream.start(capture);
  stream.frameArrived(performance.now());
  await aMoment();
  socket.sent[0]?.reply(null, { seq: 0 });
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 2);
  socket.handlers["busy"]?.({ busy: false, gap_ms: 0 });
  assert.ok(log.includes("idle"));
  socket.sent[1]?.reply(null, { seq: 1 });
  stream.frameArrived(performance.now());
  await aMoment();
  assert.equal(socket.sent.length, 3);
});
