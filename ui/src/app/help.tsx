import { Fragment, type ReactElement } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "../design/controls.tsx";
import { keyTable } from "./keys.ts";

/** The key table. */
export function Help(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}): ReactElement {
  return (
    <ModalOverlay className="overlay" isDismissable isOpen={props.isOpen} onOpenChange={props.onOpenChange}>
      <Modal className="dialog">
        <Dialog className="dialog-body">
          {({ close }) => (
            <>
              <div className="section-head">
                <Heading slot="title" level={2}>
                  Keys
                </Heading>
                <span className="grow" />
                <Button kind="quiet" icon="close" label="Close" onPress={close} />
              </div>
              <div className="key-groups">
                {keyTable.map((group) => (
                  <section key={group.where}>
                    <h3>{group.where}</h3>
                    <dl className="keys">
                      {group.rows.map((row) => (
                        <Fragment key={row.does}>
                          <dt>
                            {row.keys.map((key) => (
                              <kbd key={key}>{key}</kbd>
                            ))}
                          </dt>
                          <dd>{row.does}</dd>
                        </Fragment>
                      ))}
                    </dl>
                  </section>
                ))}
              </div>
            </>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
