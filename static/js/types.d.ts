/** The words of docs/protocol.md and of the page, for the type checker alone: no browser loads this file. */

export type ModelName = "letters" | "digits";
export type Pace = "slow" | "normal" | "fast" | "expert";
export type Hand = "right" | "left";

export interface Settings {
  model: ModelName;
  pace: Pace;
  hold_seconds: number;
  hand: Hand;
}

export interface Model {
  version: string;
  labels: string[];
  input_px: number;
  reliability: Record<string, number>;
  /** What each sign of strangers is most often mistaken for, likeliest first, with the share; empty where nobody measured. */
  confusions: Record<string, [string, number][]>;
}

export interface Hello {
  protocol: number;
  models: Record<string, Model>;
  settings: Settings;
  paces: Record<Pace, number>;
  labels: string[];
  text: string;
  words: Words;
  text_limit: number;
  token: string;
  resumed: boolean;
  settings_resumed: boolean;
  keeping: Keeping;
}

/** Whether this page's text is kept, whether it waits for the database, and how many steps the server could not keep. */
export interface Keeping {
  on: boolean;
  waiting: boolean;
  lost: number;
}

/** One step of a kept transcript; `text` is the text after it. */
export interface Step {
  number: number;
  seconds: number;
  kind: string;
  model: string;
  sign: string | null;
  confidence: number | null;
  candidates: [string, number][];
  text: string;
}

/** A kept transcript's head; `entries` where all of it was asked for. */
export interface Transcript {
  id: string;
  started: string;
  ended: string;
  models: string[];
  text: string;
}

export interface WireError {
  code: string;
  message: string;
}

/** What one picture shows, as `frame` carries it. */
export type Seen =
  | { jpeg: ArrayBuffer; landmarks?: number[]; hand?: Hand; crop?: [x: number, y: number, side: number] }
  | { nothing: true };

/** What the server makes of one frame. */
export interface Reading {
  seq: number;
  sign: string | null;
  confidence: number;
  top: [string, number][];
  progress: number;
  committed: string | null;
  text: string;
  words: Words;
}

export interface FrameRefusal {
  seq: number | null;
  error: WireError;
}

/** What the last word may be, and longer words that begin so; likeliest first. */
export interface Words {
  proposals: string[];
  completions: string[];
}

export interface OwnWords {
  words: string[];
  use: "preferred" | "only" | "off";
}

export interface VocabularyReply {
  use: OwnWords["use"];
  count: number;
  words: Words;
  error?: WireError;
}

export type EditOp = "space" | "delete" | "clear" | "undo" | "take";

export interface EditReply {
  text: string;
  words: Words;
  error?: WireError;
}

export interface ModeReply extends Settings {
  labels: string[];
  error?: WireError;
}

/**
 * The guide box: its centre as fractions of the unmirrored picture's width and height, and its side as a fraction of
 * the picture's shorter side. It is square in pixels, whatever the camera's shape.
 */
export interface Box {
  x: number;
  y: number;
  size: number;
}

export interface PictureSize {
  width: number;
  height: number;
}

/** A rectangle in fractions of the picture. */
export interface Extent {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Advice {
  title: string;
  text: string;
  /** Which of the drawings in templates/camera_help.html goes with it. */
  trouble: "refused" | "none" | "busy" | "insecure" | null;
}

export interface Figures {
  round_trip_ms: number | null;
  frames_per_second: number | null;
  sent: number;
  answered: number;
  dropped: number;
}

export type Tone = "calm" | "good" | "warn" | "bad";

export interface Notice {
  tone: Tone;
  text: string;
  action?: { label: string; run: () => void };
}

/** What `POST /api/predict` says of one picture; see /api/openapi.json. */
export interface PictureAnswer {
  name: string;
  sign: string | null;
  believed: boolean;
  reason: { code: "no_hand" | "no_sign" | "unsure"; message: string } | null;
  reliability: number | null;
  probabilities: Record<string, number> | null;
  hand: Hand | null;
  crop: Extent | null;
  landmarks: [number, number, number][] | null;
}

export interface PictureReply {
  model: { name: string; version: string };
  pictures: PictureAnswer[];
}
