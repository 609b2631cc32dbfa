/** Where progress of long work is shown; a terminal gets a bar that is drawn over, everything else one line. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface Progress {
  /** `done` of `total` steps; may be called often. */
  update(done: number, total: number): void;
  /** Clears the bar. */
  end(): void;
}

/** Starts showing work called `title`; on a terminal as "otelier: <title> [####......] 12/40". */
export function startProgress(title: string, output: ProgressOutput): Progress {
  if (output.isTTY !== true) {
    output.write(`otelier: ${title} ...\n`);
    return { update: () => {}, end: () => {} };
  }
  const width = 24;
  let shown = "";
  const draw = (text: string): void => {
    if (text === shown) return;
    shown = text;
    output.write(`\r\u001b[K${text}`);
  };
  draw(`otelier: ${title}`);
  return {
    update: (done, total) => {
      const filled = Math.round((Math.min(done, total) / total) * width);
      draw(
        `otelier: ${title} [${"#".repeat(filled)}${".".repeat(width - filled)}] ${Math.min(done, total)}/${total}`,
      );
    },
    end: () => output.write("\r\u001b[K"),
  };
}
