import { Router } from "express";
import { inventory, orElse, reviews } from "../api.js";
import { reportsPage } from "../pages/office.js";

export const office = Router();

office.get("/reports", async (request, response) => {
  const hours = Number(request.query.hours ?? 24);
  if (!Number.isInteger(hours) || hours < 1 || hours > 720) {
    return response.problem(400, "Which hours?", "A report covers 1 to 720 hours.");
  }
  const [turnover, warehouses, trends] = await Promise.all([
    orElse(inventory.turnover(hours)),
    orElse(inventory.warehouses()),
    orElse(reviews.trends()),
  ]);
  response.page("Back office", reportsPage({ hours, turnover, warehouses, trends }));
});

office.get("/reports/shelf-density", async (request, response) => {
  const { piecesPerMetre } = await inventory.shelfDensity();
  response.page("Shelf density", `${piecesPerMetre} pieces per metre`);
});
