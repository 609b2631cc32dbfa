import { OtelierError } from "../error.ts";

/** "unsupported-encoding", "malformed-compression" or "body-too-large"; all permanent: the same bytes fail again. */
export function compressionError(code: string, message: string, cause?: unknown): OtelierError {
  return new OtelierError(message, { code, outcome: "permanent", cause });
}

export function decompressedTooLarge(maxBytes: number): OtelierError {
  return compressionError(
    "body-too-large",
    `request body too large: more than ${maxBytes} bytes after decompression`,
  );
}
