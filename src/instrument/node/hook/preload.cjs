// Loaded by NODE_OPTIONS=--require before any program, in every Node.js version: must parse everywhere and never throw.
"use strict";
if (!process.env.OTELIER_OFF) {
  try {
    require("./start.cjs").start();
  } catch (error) {
    if (process.env.OTELIER_DEBUG) process._rawDebug(error && error.stack);
  }
}
