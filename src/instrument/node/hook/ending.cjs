// Nothing is lost when the process ends, and how it ends stays as it was.
//
// Every end passes process.emit("exit"): there, after the program's own listeners, what is left is written to the spool,
// synchronously. A signal with the default action would skip that, so we listen for it, write, and die by the same signal.
// Our listeners are hidden: a program (or signal-exit) that counts listeners sees what it would see without us.
"use strict";
const spool = require("./spool.cjs");
const status = require("./status.cjs");

const boundMs = 3000;
const fatal = ["SIGINT", "SIGTERM", "SIGHUP"];

function install(sdk) {
  let ended = false;
  const canEndNow = () => sdk.endNow !== undefined && spool.available();
  const endNow = () => {
    if (ended || !canEndNow()) return;
    ended = true;
    sdk.endNow();
    status.send("end", {});
  };

  const emit = process.emit;
  process.emit = function (name, ...rest) {
    const result = Reflect.apply(emit, this, [name, ...rest]);
    if (name === "exit") endNow();
    return result;
  };
  process.once("beforeExit", () => {
    // Without a launcher the event loop is still ours to wait in.
    if (!ended && !canEndNow()) void sdk.flush();
  });

  // The originals: others hide listeners too (tsx does), and those decide like any other.
  const listenersOf = process.rawListeners.bind(process);
  const ours = new Map();
  for (const signal of fatal) {
    const listener = () => {
      if (listenersOf(signal).some((other) => other !== listener)) return; // the program decides
      const die = () => {
        process.removeListener(signal, listener);
        process.kill(process.pid, signal);
      };
      if (canEndNow()) {
        endNow();
        die();
        return;
      }
      setTimeout(die, boundMs).unref();
      sdk.flush().then(die, die);
    };
    ours.set(signal, listener);
    process.on(signal, listener);
  }
  hide(ours, (name, listener) => listenersOf(name).includes(listener));
}

function hide(ours, isListening) {
  for (const method of ["listeners", "rawListeners"]) {
    const original = process[method];
    process[method] = function (name) {
      const all = Reflect.apply(original, this, [name]);
      const own = ours.get(name);
      return own === undefined ? all : all.filter((listener) => listener !== own);
    };
  }
  const count = process.listenerCount;
  process.listenerCount = function (name, ...rest) {
    const all = Reflect.apply(count, this, [name, ...rest]);
    const own = ours.get(name);
    return rest.length === 0 && own !== undefined && isListening(name, own) ? all - 1 : all;
  };
  // The launcher must know who decides about a signal: it ends blocked programs that would have died at once.
  process.on("newListener", (name, listener) => {
    if (ours.has(name) && ours.get(name) !== listener) status.send("own-signal", { signal: name });
  });
}

module.exports = { install };
