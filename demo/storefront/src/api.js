// Calls to the two services of the shop and to the payment company.
import { log } from "./log.js";

const addresses = {
  reviews: process.env.REVIEWS_URL,
  inventory: process.env.INVENTORY_URL,
  payments: process.env.PAYMENTS_URL,
};

/** A service refused (status 4xx or 5xx) or could not be reached (no status). */
export class ServiceError extends Error {
  constructor(service, message, status, cause) {
    super(`${service}: ${message}`, { cause });
    this.name = "ServiceError";
    this.service = service;
    this.status = status;
    this.said = message;
  }
}

async function call(service, path, { method = "GET", body, timeoutMs = 3000 } = {}) {
  const address = addresses[service];
  if (!address) throw new ServiceError(service, "no address is configured");
  let response;
  try {
    response = await fetch(address + path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const why = error.name === "TimeoutError" ? `no answer within ${timeoutMs} ms` : (error.cause?.code ?? error.message);
    throw new ServiceError(service, why, undefined, error);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ServiceError(service, answer.error ?? `status ${response.status}`, response.status);
  return answer;
}

const encode = encodeURIComponent;

export const inventory = {
  products: ({ category = "", featured = false } = {}) =>
    call("inventory", `/products?category=${encode(category)}&featured=${featured}`),
  product: (sku) => call("inventory", `/products/${encode(sku)}`),
  toggleFeatured: (sku) => call("inventory", `/products/${encode(sku)}/featured`, { method: "POST" }),
  reserve: (cart, lines) => call("inventory", "/reservations", { method: "POST", body: { cart, lines } }),
  confirm: (id, customer, paymentReference) =>
    call("inventory", `/reservations/${id}/confirm`, { method: "POST", body: { customer, paymentReference } }),
  release: (id) => call("inventory", `/reservations/${id}`, { method: "DELETE" }),
  order: (id) => call("inventory", `/orders/${encode(id)}`),
  warehouses: () => call("inventory", "/warehouses"),
  turnover: (hours) => call("inventory", `/reports/turnover?hours=${encode(hours)}`, { timeoutMs: 8000 }),
  shelfDensity: () => call("inventory", "/reports/shelf-density"),
};

export const reviews = {
  products: (category = "") => call("reviews", `/products?category=${encode(category)}`),
  product: (sku) => call("reviews", `/products/${encode(sku)}`),
  ratings: (numbers) => call("reviews", `/ratings?sku=${numbers.map(encode).join(",")}`),
  list: (sku, page) => call("reviews", `/products/${encode(sku)}/reviews?page=${encode(page)}`),
  add: (sku, review) => call("reviews", `/products/${encode(sku)}/reviews`, { method: "POST", body: review }),
  helpful: (id) => call("reviews", `/reviews/${encode(id)}/helpful`, { method: "POST" }),
  recommendations: (sku) => call("reviews", `/products/${encode(sku)}/recommendations`),
  trends: () => call("reviews", "/reports/trends", { timeoutMs: 8000 }),
};

export const payments = {
  charge: (amountCents, card) =>
    call("payments", "/charges", { method: "POST", body: { amountCents, card }, timeoutMs: 2500 }),
};

/** The answer, or `fallback` when the service cannot give one; a refusal that means "does not exist" still counts as an error. */
export async function orElse(promise, fallback) {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status === 404) throw error;
    log.warn({ service: error.service, err: error }, "page shown without a part of it");
    return fallback;
  }
}
