/**
 * The interface of the three transcoders: bytes of one Export request in, rows of open blocks out, nothing kept of the bytes afterwards.
 * Read next: span-transcoder.ts; transcode.reference.ts is the plain version that tests compare with.
 */
import type { BlockSet } from "../commit/blocks.ts";

export interface TranscodeContext {
  readonly tenant: string;
  /** When the request arrived, Unix milliseconds: the ingest time, and the time of log records that have none. */
  readonly arrivedMs: number;
}

/** Gives the open blocks, and new ones when the transcoder has filled them. */
export interface BlockSource<B extends BlockSet> {
  readonly blocks: B;
  /** Of the open blocks, as they were when the request began; 0 behind a `cut`. */
  readonly sizeBytes: number;
  /** Closes the open blocks; `blocks` are then new and empty. */
  cut(): void;
}

export interface Transcoded {
  /** Items that became rows. */
  readonly accepted: number;
  readonly rejected: number;
  /** Those of `rejected` whose series are above the bound of new series. */
  readonly beyondSeries: number;
  /** '' when nothing was rejected. */
  readonly reason: string;
}

export interface Transcoder<B extends BlockSet> {
  createBlocks(): B;
  /** Appends the rows of a request. Throws MalformedWireError for bytes that are no request; rows may then have been added. */
  transcode(bytes: Uint8Array, context: TranscodeContext, source: BlockSource<B>): Transcoded;
  /** Rows that were added are lost: forget what was concluded from them. */
  forget(): void;
}
