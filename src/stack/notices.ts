import type { StatusAnswer } from "../api/explore/wire.ts";

type Notice = StatusAnswer["notices"][number];

/** Most kept; the oldest goes. */
const limit = 100;

/** What the program noticed and a person should know: said once on the terminal, listed by /api/status. */
export class Notices {
  private readonly say: (line: string) => void;
  private notices: Notice[] = [];

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  /** Says a message the first time it comes; the same one again is no news. */
  add(level: Notice["level"], message: string): void {
    if (this.notices.some((notice) => notice.message === message)) return;
    this.notices = [...this.notices, { level, message }].slice(-limit);
    this.say(message);
  }

  list(): readonly Notice[] {
    return this.notices;
  }
}
