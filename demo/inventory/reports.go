package main

import (
	"net/http"
	"strconv"
)

func (s *shop) listWarehouses(w http.ResponseWriter, r *http.Request) {
	rows, err := s.db.QueryContext(r.Context(), `SELECT w.code, w.name, w.city, w.country, coalesce(sum(s.quantity), 0)
		FROM warehouses w LEFT JOIN stock s ON s.warehouse_id = w.id GROUP BY w.id ORDER BY w.id`)
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the warehouses", err)
		return
	}
	defer rows.Close()
	type warehouse struct {
		Code    string `json:"code"`
		Name    string `json:"name"`
		City    string `json:"city"`
		Country string `json:"country"`
		Pieces  int    `json:"pieces"`
	}
	list := []warehouse{}
	for rows.Next() {
		var next warehouse
		if err := rows.Scan(&next.Code, &next.Name, &next.City, &next.Country, &next.Pieces); err != nil {
			s.fail(w, r, http.StatusInternalServerError, "cannot read a warehouse", err)
			return
		}
		list = append(list, next)
	}
	writeJSON(w, http.StatusOK, list)
}

// turnover is slow on purpose: it walks every order of the window and waits as a large table would make it wait.
func (s *shop) turnover(w http.ResponseWriter, r *http.Request) {
	hours, err := strconv.Atoi(r.URL.Query().Get("hours"))
	if err != nil || hours < 1 || hours > 720 {
		s.fail(w, r, http.StatusBadRequest, `"hours" must be a whole number from 1 to 720`, err)
		return
	}
	rows, err := s.db.QueryContext(r.Context(), `WITH slow AS MATERIALIZED (SELECT pg_sleep(1.2 + random() * 0.8))
		SELECT p.category, count(DISTINCT o.id), coalesce(sum(l.quantity * p.price_cents), 0)
		FROM slow CROSS JOIN orders o JOIN reservation_lines l USING (reservation_id) JOIN products p USING (sku)
		WHERE o.created_at > now() - make_interval(hours => $1) GROUP BY p.category ORDER BY 3 DESC`, hours)
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot add up the turnover", err)
		return
	}
	defer rows.Close()
	type part struct {
		Category string `json:"category"`
		Orders   int    `json:"orders"`
		Cents    int    `json:"cents"`
	}
	parts := []part{}
	for rows.Next() {
		var next part
		if err := rows.Scan(&next.Category, &next.Orders, &next.Cents); err != nil {
			s.fail(w, r, http.StatusInternalServerError, "cannot read the turnover", err)
			return
		}
		parts = append(parts, next)
	}
	writeJSON(w, http.StatusOK, parts)
}

// shelfDensity has a bug that nobody has found yet: the shelves were never measured, so it divides by zero.
func (s *shop) shelfDensity(w http.ResponseWriter, r *http.Request) {
	var pieces, metres int
	if err := s.db.QueryRowContext(r.Context(), `SELECT sum(quantity), 0 FROM stock`).Scan(&pieces, &metres); err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot count the shelves", err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]int{"piecesPerMetre": pieces / metres})
}
