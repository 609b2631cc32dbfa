// Shop front of Bramble & Buoy. Renders every page on the server; PORT, HOST, REVIEWS_URL, INVENTORY_URL and PAYMENTS_URL configure it.
import { fileURLToPath } from "node:url";
import express from "express";
import { ServiceError } from "./api.js";
import { cartCookie } from "./carts.js";
import { log, requestLog } from "./log.js";
import { layout } from "./pages/layout.js";
import { errorPage } from "./pages/office.js";
import { office } from "./routes/office.js";
import { shop } from "./routes/shop.js";
import { till } from "./routes/till.js";

const app = express();
app.disable("x-powered-by");
app.use(requestLog);
app.use("/assets", express.static(fileURLToPath(new URL("../public", import.meta.url)), { maxAge: "1h" }));
app.use(express.urlencoded({ extended: false, limit: "32kb" }), cartCookie);

app.use((request, response, next) => {
  response.page = (title, body) => response.type("html").send(layout({ title, cart: request.cart, body }));
  response.problem = (status, title, text) => response.status(status).page(title, errorPage({ status, title, text }));
  next();
});

app.get("/healthz", (request, response) => response.json({ status: "ok" }));
app.use(shop, till, office);
app.use((request, response) => response.problem(404, "Washed away", "There is no such page on this shore."));

app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof ServiceError) {
    if (error.status === 404) return response.problem(404, "Not on our shelves", error.said);
    if (error.status === 422 || error.status === 400) return response.problem(error.status, "Not quite", error.said);
    log.error({ err: error, path: request.path }, "a service failed");
    const down = error.status === undefined || error.status === 503;
    return response.problem(down ? 503 : 502, "Back soon", `Our ${error.service} service has trouble. Please try again in a moment.`);
  }
  if (error.status >= 400 && error.status < 500) return response.problem(error.status, "Not quite", "This request cannot be read.");
  log.error({ err: error, path: request.path }, "page failed");
  response.problem(500, "Something broke", "We have written it down and will look into it.");
});

const server = app.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? "127.0.0.1", (error) => {
  if (error) {
    log.fatal({ err: error }, "storefront cannot listen");
    process.exit(1);
  }
  log.info({ address: server.address() }, "storefront listens");
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    log.info({ signal }, "storefront stops");
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 3000).unref();
  });
}
