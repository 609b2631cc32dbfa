// The only file of the shop front that knows OpenTelemetry, and only its API: without an SDK, such as `otelier run` brings, all of it does
// nothing. It adds what no library can know: a span around the whole checkout, what was in the cart, and a count of how checkouts end.
import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("bramble-and-buoy");
const checkouts = metrics
  .getMeter("bramble-and-buoy")
  .createCounter("shop.checkouts", { unit: "{checkout}", description: "checkouts, by how they ended" });

/** Runs `work`, which resolves with the placed order or rejects, in a span "check out" below the request's. */
export function checkOut(cart, work) {
  trace.getActiveSpan()?.setAttribute("shop.cart.id", cart.id);
  const attributes = { "shop.cart.lines": cart.lines.size };
  return tracer.startActiveSpan("check out", { attributes }, async (span) => {
    try {
      const order = await work();
      span.setAttribute("shop.order.total_cents", order.totalCents);
      checkouts.add(1, { "shop.checkout.outcome": "placed" });
      return order;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      checkouts.add(1, { "shop.checkout.outcome": error.service ?? "failed" });
      throw error;
    } finally {
      span.end();
    }
  });
}
