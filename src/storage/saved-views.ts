/** Pages that people keep by name, for everybody who uses this server, or for everybody of a tenant. */
export interface SavedView {
  readonly name: string;
  /** Path and query of the page as the UI writes them: "/logs?severity=warn". */
  readonly address: string;
  readonly savedMs: number;
}

/** Each tenant has views of its own; '' where there is one only. */
export interface SavedViews {
  /** By name. */
  list(tenant: string): Promise<readonly SavedView[]>;
  /** Replaces the one of the same name. Rejects with "bad-parameter" when name or address cannot be kept, or when there are too many. */
  save(tenant: string, view: SavedView): Promise<void>;
  /** False when there was none of this name. */
  remove(tenant: string, name: string): Promise<boolean>;
}

/** Of one tenant, and of all together. */
export const mostViews = 500;
export const mostViewsOfAll = 10_000;
const longestViewName = 100;
const longestAddress = 8000;

/** Why a view cannot be kept, or undefined. */
export function viewProblem(view: Pick<SavedView, "name" | "address">): string | undefined {
  const { name, address } = view;
  if (name.trim() === "" || name.length > longestViewName) {
    return `a view's name must have 1 to ${longestViewName} characters`;
  }
  // A path of this server only: "//host" would lead elsewhere.
  if (!/^\/[a-z]*(\?.*)?$/.test(address) || address.length > longestAddress) {
    return `cannot keep this address: it must be a page of Otelier such as /logs?severity=warn`;
  }
  return undefined;
}
