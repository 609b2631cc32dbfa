import { useState, type ReactElement } from "react";
import { chooseTenant, isTenantName, keepTenant, useTenancy } from "../client/tenant.ts";
import { Button } from "../design/controls.tsx";
import { Mark } from "./mark.tsx";
import "./tenant-page.css";

/** Stands in place of all pages until it is known whose telemetry they are to show. `folder`: the path below which the pages are. */
export function TenantPage({ folder }: { readonly folder: string }): ReactElement {
  const { tenant, asked = "" } = useTenancy();
  const [name, setName] = useState("");
  const [isWrong, setWrong] = useState(false);
  const isMissing = asked === "" || asked === "no org id";

  function choose(): void {
    const wanted = name.trim();
    if (!isTenantName(wanted)) {
      setWrong(true);
      return;
    }
    chooseTenant(wanted, folder);
    // A page that one tenant has looked at is none of another's; a link that was opened is.
    if (tenant === "") location.reload();
    else location.assign(folder);
  }

  return (
    <main className="tenant-page">
      <form
        className="card tenant-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          choose();
        }}
      >
        <h1>
          <Mark />
          Whose telemetry?
        </h1>
        <p className="soft">
          This server keeps several tenants apart. Name the one to look at; this browser remembers it.
        </p>
        {isMissing ? null : (
          <p className="error-text" role="alert">
            The server says: {asked}
          </p>
        )}
        <label className="field">
          <span className="field-label">Tenant</span>
          <input
            className="input"
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page has one field, and nothing else can be done here
            autoFocus
            value={name}
            maxLength={150}
            autoComplete="organization"
            autoCapitalize="none"
            spellCheck={false}
            aria-invalid={isWrong}
            aria-describedby="tenant-rule"
            onChange={(event) => {
              setName(event.target.value);
              setWrong(false);
            }}
          />
        </label>
        <p
          id="tenant-rule"
          className={isWrong ? "error-text" : "faint"}
          {...(isWrong ? { role: "alert" } : {})}
        >
          As programs name it by X-Scope-OrgID: letters, digits and !-_.*&apos;(), but not . or ..
        </p>
        <div className="tenant-actions">
          <button type="submit" className="button button-primary">
            Show telemetry
          </button>
          {tenant === "" ? null : <Button onPress={keepTenant}>Stay with {tenant}</Button>}
        </div>
      </form>
    </main>
  );
}
