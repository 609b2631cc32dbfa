import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useCommands } from "./commands.ts";
import { matchCommands, type Command } from "./match.ts";
import "./palette.css";

const mostShown = 40;

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onHelp: () => void;
}

/** One field from which everything can be reached: pages, services, operations, metrics, traces by id, windows of time. */
export function Palette(props: PaletteProps): ReactElement {
  return (
    <ModalOverlay
      className="overlay palette-overlay"
      isDismissable
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
    >
      <Modal className="dialog palette">
        <Dialog aria-label="Commands" className="palette-dialog">
          <Search {...props} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Search(props: PaletteProps): ReactElement {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const { found, omitted } = matchCommands(useCommands(text, props.onHelp), text, mostShown);
  const chosen = Math.min(active, found.length - 1);
  function run(command: Command | undefined): void {
    if (command === undefined) return;
    props.onOpenChange(false);
    command.run();
  }
  useLayoutEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  function onKeyDown(event: KeyboardEvent): void {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) setActive((chosen + by + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  }
  return (
    <>
      <input
        className="palette-input"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type into it
        autoFocus
        role="combobox"
        aria-label="Go to or do"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={found.length === 0 ? undefined : `palette-${chosen}`}
        placeholder="Page, service, operation, metric, trace id, window of time"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" ref={list} className="palette-list" role="listbox" aria-label="Commands found">
        {found.map((command, i) => (
          // The field has the keys; the list follows it.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={command.id}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={i === chosen ? "palette-item is-active" : "palette-item"}
            onPointerMove={() => setActive(i)}
            onClick={() => run(command)}
          >
            <span className="palette-group">{command.group}</span>
            <span className="ellipsis">{command.name}</span>
            <span className="palette-note ellipsis">{command.note}</span>
          </li>
        ))}
      </ul>
      <p className="palette-foot" role="status">
        {found.length === 0
          ? "Nothing by these words in this window. Use fewer words, or widen the window of time."
          : omitted > 0
            ? `Showing ${found.length} of ${found.length + omitted}; type more to narrow.`
            : "↑ ↓ to choose, Enter to go, Esc to close"}
      </p>
    </>
  );
}
