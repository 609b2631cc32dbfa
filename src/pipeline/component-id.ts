// The home of these names is `settings`, which may not import its parent; everybody else imports them from here.
export { parseComponentId, printComponentId } from "./settings/component-id.ts";
export type { ComponentId } from "./settings/component-id.ts";
