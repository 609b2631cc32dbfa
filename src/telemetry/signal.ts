// The home of these names is `wire`, which may not import its parent; everybody else imports them from here.
export { signals } from "./wire/signal.ts";
export type { Signal } from "./wire/signal.ts";
