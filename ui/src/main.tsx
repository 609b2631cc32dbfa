import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { startTheme } from "./client/theme.ts";
import "./design/tokens.css";
import "./design/base.css";
import "./design/controls.css";
import "./panels/panels.css";
import "./panels/row-list.css";
import "./panels/charts/chart.css";
import "./panels/logs/logs-list.css";
import "./app/shell.css";

startTheme();
const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
