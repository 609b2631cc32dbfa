// Carts live in memory, keyed by a cookie; the oldest go when there are too many.
import { randomUUID } from "node:crypto";

const limit = 2000;
const carts = new Map();

/** Puts `request.cart` in place: {id, lines: Map of product number to quantity}. A cart is kept once something lies in it. */
export function cartCookie(request, response, next) {
  const id = /(?:^|;\s*)cart=([0-9a-f-]{36})/.exec(request.headers.cookie ?? "")?.[1];
  request.cart = carts.get(id) ?? { id: id ?? randomUUID(), lines: new Map() };
  request.keepCart = () => {
    carts.delete(request.cart.id);
    carts.set(request.cart.id, request.cart);
    if (carts.size > limit) carts.delete(carts.keys().next().value);
    response.cookie("cart", request.cart.id, { httpOnly: true, sameSite: "lax", path: "/" });
  };
  next();
}

export function countPieces(cart) {
  return [...cart.lines.values()].reduce((sum, quantity) => sum + quantity, 0);
}
