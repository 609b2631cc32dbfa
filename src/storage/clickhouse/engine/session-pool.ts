import type { Session } from "chdb";

/**
 * Sessions of one purpose. Statements on one chDB session serialise, so each runs on a session of its own; when all are busy, callers wait
 * in line. Settings belong to a session; each statement finds exactly those that it asked for.
 */
export class SessionPool {
  private readonly idle: PooledSession[];
  private readonly waiting: ((session: PooledSession) => void)[] = [];

  constructor(count: number, open: OpenSession, baseSettings: Settings) {
    this.idle = Array.from({ length: count }, () => new PooledSession(open, baseSettings));
  }

  /** Runs `work` on a free session, in the order of the calls. */
  async use<T>(work: (session: PooledSession) => Promise<T>): Promise<T> {
    const session =
      this.idle.pop() ?? (await new Promise<PooledSession>((resolve) => this.waiting.push(resolve)));
    try {
      return await work(session);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(session);
      else next(session);
    }
  }

  /** Closes the sessions that are idle. */
  close(): void {
    for (const session of this.idle) session.close();
  }
}

/** Opens a session and prepares it (database, limits) for its pool. */
export type OpenSession = () => Promise<Session>;

export type Settings = Readonly<Record<string, string>>;

export class PooledSession {
  private readonly open: OpenSession;
  private readonly base: Settings;
  private session: Session | undefined;
  private applied: Settings = {};
  private database = "";

  constructor(open: OpenSession, base: Settings) {
    this.open = open;
    this.base = base;
  }

  /** Runs one statement under the base settings overridden by `settings`. Rejects with the engine's error. */
  async run(sql: string, settings: Settings, format: string, database = ""): Promise<Uint8Array> {
    const session = (this.session ??= await this.open());
    try {
      await this.apply(session, { ...this.base, ...settings });
      if (database !== "" && database !== this.database) {
        await session.queryAsync(`USE ${quoteIdentifier(database)}`);
        this.database = database;
      }
      const result = await session.queryAsync(sql, { format });
      return result.bytes();
    } catch (error) {
      // What a failed statement had already put out stands in front of the next answer of its session (chdb 3.4.0, measured):
      // rows of one caller would reach another. A new session costs under 5 ms.
      this.close();
      throw error;
    }
  }

  close(): void {
    this.session?.close();
    this.session = undefined;
    this.applied = {};
    this.database = "";
  }

  private async apply(session: Session, wanted: Settings): Promise<void> {
    // Names are checked because they are the one part of the request that becomes SQL text unquoted.
    const odd = Object.keys(wanted).find((name) => !/^[a-z][a-z0-9_]*$/.test(name));
    if (odd !== undefined) {
      throw new Error(`Code: 115. DB::Exception: Unknown setting '${odd}'. (UNKNOWN_SETTING)`);
    }
    const changes: string[] = [];
    for (const [name, value] of Object.entries(wanted)) {
      if (this.applied[name] !== value) changes.push(`${name} = ${quoteSetting(value)}`);
    }
    for (const name of Object.keys(this.applied)) {
      if (wanted[name] === undefined) changes.push(`${name} = DEFAULT`);
    }
    if (changes.length === 0) return;
    await session.queryAsync(`SET ${changes.join(", ")}`);
    this.applied = wanted;
  }
}

function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}

function quoteSetting(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
