import { useState, type ReactElement } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { SavedView } from "../../../src/api/explore/wire.ts";
import { removeView, saveView, viewsQuery } from "../client/queries.ts";
import { Button } from "../design/controls.tsx";
import { Icon } from "../design/icons.tsx";
import { Answer } from "../panels/states.tsx";
import { useOpenAddress } from "../url/location.ts";

interface ViewsMenuProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Pages kept by name on the server: filters, window and all that stands in the address. */
export function ViewsMenu(props: ViewsMenuProps): ReactElement {
  return (
    <DialogTrigger isOpen={props.isOpen} onOpenChange={props.onOpenChange}>
      <AriaButton className="button button-plain">
        <Icon name="star" />
        Views
      </AriaButton>
      <Popover className="popover" offset={4} placement="bottom end">
        <Dialog className="views-dialog" aria-label="Saved views">
          <Views onDone={() => props.onOpenChange(false)} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Views(props: { readonly onDone: () => void }): ReactElement {
  const client = useQueryClient();
  const router = useRouter();
  const open = useOpenAddress();
  const views = useQuery(viewsQuery());
  const [name, setName] = useState("");
  const [removed, setRemoved] = useState<SavedView | undefined>(undefined);
  const [problem, setProblem] = useState("");
  function change(done: Promise<void>, after: () => void): void {
    setProblem("");
    done.then(after).catch((error: unknown) => setProblem(error instanceof Error ? error.message : ""));
  }
  const wanted = name.trim();
  const exists = views.data?.views.some((view) => view.name === wanted) === true;
  return (
    <>
      <form
        className="views-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted === "") return;
          const { pathname, searchStr } = router.latestLocation;
          change(saveView(client, wanted, pathname + searchStr), () => setName(""));
        }}
      >
        <label className="field">
          <span className="field-label">Save this page as</span>
          <input
            className="input"
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to save or to choose
            autoFocus
            value={name}
            maxLength={100}
            autoComplete="off"
            placeholder="Name of the view"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <button type="submit" className="button button-primary" disabled={wanted === ""}>
          {exists ? "Replace" : "Save view"}
        </button>
      </form>
      {problem === "" ? null : (
        <p className="error-text" role="alert">
          {problem}
        </p>
      )}
      {removed === undefined ? null : (
        <p className="views-removed" role="status">
          Removed &quot;{removed.name}&quot;
          <Button
            kind="quiet"
            className="inline-button"
            onPress={() =>
              change(saveView(client, removed.name, removed.address), () => setRemoved(undefined))
            }
          >
            Undo
          </Button>
        </p>
      )}
      <Answer query={views} what="views">
        {(answer) =>
          answer.views.length === 0 ? (
            <p className="faint">
              None yet. A view keeps the page with its filters and its window of time, for everybody who uses
              this server.
            </p>
          ) : (
            <ul className="views-list">
              {answer.views.map((view) => (
                <li key={view.name} className="views-row">
                  <button
                    type="button"
                    className="preset ellipsis"
                    title={view.address}
                    onClick={() => {
                      props.onDone();
                      open(view.address);
                    }}
                  >
                    {view.name}
                  </button>
                  <Button
                    kind="quiet"
                    icon="close"
                    label={`Remove view ${view.name}`}
                    onPress={() => change(removeView(client, view.name), () => setRemoved(view))}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </>
  );
}
