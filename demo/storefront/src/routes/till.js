import { Router } from "express";
import { inventory, payments, ServiceError } from "../api.js";
import { checkOut } from "../custom.js";
import { log } from "../log.js";
import { cartPage, checkoutPage, orderPage } from "../pages/till.js";

export const till = Router();

till.get("/cart", async (request, response) => {
  const rows = await Promise.all(
    [...request.cart.lines].map(async ([sku, quantity]) => ({ ...(await inventory.product(sku)), quantity })),
  );
  const totalCents = rows.reduce((sum, row) => sum + row.quantity * row.priceCents, 0);
  response.page("Cart", cartPage({ rows, totalCents }));
});

till.post("/cart", async (request, response) => {
  const { sku, quantity } = request.body ?? {};
  const pieces = Number(quantity);
  if (!Number.isInteger(pieces) || pieces < 1 || pieces > 20) {
    return response.problem(400, "How many?", "Please choose between 1 and 20 pieces.");
  }
  const product = await inventory.product(String(sku));
  request.cart.lines.set(product.sku, Math.min(20, (request.cart.lines.get(product.sku) ?? 0) + pieces));
  request.keepCart();
  response.redirect(303, "/cart");
});

till.post("/cart/remove", (request, response) => {
  request.cart.lines.delete(String(request.body?.sku));
  request.keepCart();
  response.redirect(303, "/cart");
});

till.get("/checkout", (request, response) => {
  if (request.cart.lines.size === 0) return response.redirect(303, "/cart");
  response.page("Till", checkoutPage({}));
});

till.post("/checkout", async (request, response) => {
  const { customer, card } = request.body ?? {};
  if (request.cart.lines.size === 0) return response.problem(400, "Your cart is empty", "Put something into it first.");
  let reservation;
  try {
    const lines = [...request.cart.lines].map(([sku, quantity]) => ({ sku, quantity }));
    const order = await checkOut(request.cart, async () => {
      reservation = await inventory.reserve(request.cart.id, lines);
      const payment = await payments.charge(reservation.totalCents, card);
      return inventory.confirm(reservation.id, String(customer), payment.reference);
    });
    request.cart.lines.clear();
    log.info({ order: order.id, totalCents: order.totalCents }, "order placed");
    response.redirect(303, `/orders/${order.id}`);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (reservation !== undefined) await putBack(reservation);
    const [status, text] = explain(error);
    log[status >= 500 ? "error" : "warn"]({ err: error, cart: request.cart.id, status }, "checkout failed");
    response.status(status).page("Till", checkoutPage({ problem: text, customer }));
  }
});

till.get("/orders/:id", async (request, response) => {
  response.page("Order", orderPage(await inventory.order(request.params.id)));
});

async function putBack(reservation) {
  try {
    await inventory.release(reservation.id);
  } catch (error) {
    log.warn({ err: error, reservation: reservation.id }, "reservation left to expire");
  }
}

/** Status of the page and what to tell the customer. */
function explain(error) {
  if (error.service === "payments") {
    if (error.status === 402) return [402, "Your card was declined. Nothing was charged; your cart is still here."];
    if (error.status === 400) return [400, "This is not a card number."];
    if (error.status === undefined) return [504, "The payment company did not answer in time. Nothing was charged."];
    return [502, "The payment company has trouble at the moment. Nothing was charged; please try again."];
  }
  if (error.status === 409) return [409, `Sorry: ${error.said}.`];
  if (error.status === 410) return [409, "You took longer than we could hold your goods. Please try again."];
  return [503, "Our stock room cannot take orders right now. Please try again in a moment."];
}
