/**
 * What a command is: a table of options and a function from parsed arguments to an exit code. `main.ts` finds the command, the
 * parser in `arguments.ts` checks the table, `help.ts` prints it, and the reference pages are generated from it.
 */
export interface OptionSpec {
  /** Long name without dashes, kebab-case: "otlp-grpc". */
  readonly name: string;
  /** Placeholder of the value in help ("ADDR"); absent for a switch. */
  readonly value?: string;
  readonly doc: string;
  /** Text of the default as the user would write it. */
  readonly default?: string;
  /** May be given several times. */
  readonly repeat?: boolean;
  /** Allowed values, when closed. */
  readonly choices?: readonly string[];
}

export interface Example {
  readonly command: string;
  readonly doc: string;
}

export interface Command {
  readonly name: string;
  /** One line for `otelier --help`. */
  readonly summary: string;
  /** What follows the name in the usage line: "-- COMMAND [ARG ...]". */
  readonly operands?: string;
  /** Paragraphs of the help page. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly Example[];
  /** Exit codes beyond 0 (done), 1 (failed) and 2 (bad input). */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /** Words that may stand first: `otelier collector validate`. */
  readonly subcommands?: Readonly<Record<string, string>>;
  /** True for a command that passes signals on to a program; `stopSignal` never aborts for it. */
  readonly ownsSignals?: boolean;
  run(args: Arguments, io: CommandIo): Promise<number>;
}

/** Checked arguments. Every value may also come from the environment as OTELIER_<COMMAND>_<OPTION> (command line wins). */
export interface Arguments {
  readonly subcommand?: string;
  /** Words that are no option, before "--". */
  readonly operands: readonly string[];
  /** Everything after "--", untouched. */
  readonly rest: readonly string[];
  /** The last value given, else the table's default; undefined when neither exists. */
  value(name: string): string | undefined;
  /** All values of a repeatable option. */
  values(name: string): readonly string[];
  flag(name: string): boolean;
}

/** The world as a command sees it; tests give their own. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborts at the first SIGINT or SIGTERM: stop orderly. A second Ctrl-C ends the process at once. */
  readonly stopSignal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
  /** True when a person looks at it: colour and progress bars are allowed. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}
