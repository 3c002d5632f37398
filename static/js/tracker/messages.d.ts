/** What the page and the tracker's worker say to each other, for the type checker alone: no browser loads this file. */

export interface FrameRequest {
  /** Given away: the worker closes it. */
  frame: ImageBitmap | VideoFrame;
  /** In seconds, of a clock that does not run backwards; null for a single picture, which is looked at in every way. */
  time: number | null;
  /** The side of the crop's JPEG in pixels; 0 for none. */
  crop_px: number;
}

export type WorkerRequest = FrameRequest | { load: true } | { reset: true };

export interface Found {
  /** The 21 landmarks: x and y as fractions of the video's width and height, z as a fraction of its width. */
  landmarks: [number, number, number][];
  /** How surely this is a hand, 0..1. */
  presence: number;
  /** Which hand it is, if the video is not mirrored; steadied over time. */
  hand: "left" | "right";
  /** The square to read, in pixels of the video, steadied over time. It may reach over the edge. */
  crop: { left: number; top: number; side: number };
  /** The landmarks as `frame` carries them: 63 numbers, fractions of the crop. */
  crop_landmarks: number[];
  /** The crop of this very frame, unmirrored, its edges repeated where it reaches over the picture's. */
  jpeg: ArrayBuffer | null;
}

export interface Tracked {
  kind: "tracked";
  /** Null where no hand is seen. */
  found: Found | null;
  took_ms: number;
  /** The landmark model in use, chosen by measured time. */
  model: "full" | "lite";
}

/** How far it is with what it has to fetch, 0..1. */
export interface Loading {
  kind: "loading";
  share: number;
}

export type WorkerReply = Tracked | Loading | { kind: "ready" } | { kind: "failed"; message: string };
