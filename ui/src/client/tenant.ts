/**
 * Whose telemetry the pages show, where a server has several tenants. The server says it with each answer, so that a name set by a proxy in front
 * of it is seen too; what is chosen here is kept in a cookie, which event streams send as well. On a server without tenants nothing of this shows.
 */
import { createStore, useStore, type Store } from "./store.ts";

const cookie = "otelier_tenant";
const header = "x-scope-orgid";
const keptSeconds = 365 * 86_400;

interface Tenancy {
  /** '' on a server without tenants, and while none is named. */
  readonly tenant: string;
  /** Set while a person is to name one: the server's words, or '' when the person wants to change it. */
  readonly asked: string | undefined;
}

const state: Store<Tenancy> = createStore<Tenancy>({ tenant: "", asked: undefined });

export function useTenancy(): Tenancy {
  return useStore(state);
}

/** Takes notice of an answer of the API. */
export function noteTenant(answer: Response): void {
  const tenant = answer.headers.get(header) ?? "";
  const now = state.get();
  if (now.tenant !== tenant) state.set({ ...now, tenant });
}

/** Takes notice of a refusal; only those for want of a tenant matter. */
export function noteRefusal(refusal: { readonly code: string; readonly message: string }): void {
  const isOurs = refusal.code === "no-org-id" || refusal.code === "bad-org-id";
  if (isOurs && state.get().asked === undefined) state.set({ tenant: "", asked: refusal.message });
}

export function askForTenant(): void {
  state.set({ ...state.get(), asked: "" });
}

export function keepTenant(): void {
  state.set({ ...state.get(), asked: undefined });
}

/** Of a name that the server takes (src/telemetry/tenant.ts, whose rule it is; the test beside this file holds the two together). */
export function isTenantName(name: string): boolean {
  return /^[A-Za-z0-9!_.*'()-]{1,150}$/.test(name) && name !== "." && name !== "..";
}

/** True when the tenant is the one chosen here, and not set by a proxy: only then can it be changed here. */
export function isOwnChoice(tenant: string): boolean {
  return document.cookie.split("; ").includes(`${cookie}=${tenant}`);
}

/** Keeps the choice; everything has to be asked anew after it. `folder`: the path below which all pages are. */
export function chooseTenant(name: string, folder: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${cookie}=${name}; Path=${folder}; Max-Age=${keptSeconds}; SameSite=Strict${secure}`;
}
