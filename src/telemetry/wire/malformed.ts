/**
 * Bytes that are no valid message. `offset` is into the array that was read, where the bad thing starts.
 * Thrown inside the codec only; its public functions turn it into a result or an `OtelierError`.
 */
export class MalformedWireError extends Error {
  override readonly name = "MalformedWireError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
