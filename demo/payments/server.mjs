// Stands in for the payment company: a plain process outside the shop, which nobody at the shop can look into.
// POST /charges {amountCents, card}: 201; 402 for cards that end in 0002; now and then 503, or a very late answer.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

let charges = 0;

async function charge(body) {
  const { amountCents, card } = body;
  if (!Number.isInteger(amountCents) || amountCents < 1 || !/^\d{12,19}$/.test(String(card))) {
    return [400, { error: "amountCents and card are required" }];
  }
  charges += 1;
  await wait(25 + Math.random() * 60);
  if (charges % 17 === 0) await wait(4000);
  if (charges % 8 === 0) return [503, { error: "acquirer unavailable, reference AQ-" + (7000 + charges) }];
  if (String(card).endsWith("0002")) return [402, { error: "card declined" }];
  return [201, { reference: "PAY-" + randomUUID().slice(0, 8), amountCents }];
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  if (request.url === "/healthz") return answer(response, 200, { status: "ok" });
  if (request.method !== "POST" || request.url !== "/charges") return answer(response, 404, { error: "not found" });
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (part) => {
    text += part;
    if (text.length > 10_000) request.destroy();
  });
  request.on("end", async () => {
    try {
      answer(response, ...(await charge(JSON.parse(text))));
    } catch {
      answer(response, 400, { error: "not valid JSON" });
    }
  });
});

server.listen(Number(process.env.PORT ?? 8083), process.env.HOST ?? "127.0.0.1");
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
