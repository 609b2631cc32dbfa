package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// confirm turns a held reservation into an order: 410 when it has expired or was released.
func (s *shop) confirm(w http.ResponseWriter, r *http.Request) {
	var payment struct {
		Customer  string `json:"customer"`
		Reference string `json:"paymentReference"`
	}
	id, ok := reservationID(r)
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&payment); err != nil || !ok {
		s.fail(w, r, http.StatusBadRequest, "cannot read the confirmation", err)
		return
	}
	if payment.Customer == "" || payment.Reference == "" {
		s.fail(w, r, http.StatusBadRequest, "a confirmation needs a customer and a payment reference", nil)
		return
	}
	order, total, err := s.place(r.Context(), id, payment.Customer, payment.Reference)
	if errors.Is(err, sql.ErrNoRows) {
		s.fail(w, r, http.StatusGone, "the reservation is no longer held", err)
		return
	}
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot place the order", err)
		return
	}
	s.log.Info("order placed", "order", order, "reservation", id, "total_cents", total)
	writeJSON(w, http.StatusCreated, map[string]any{"id": order, "totalCents": total})
}

func (s *shop) place(ctx context.Context, reservation int64, customer, reference string) (order int64, total int, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, 0, err
	}
	defer tx.Rollback()
	var cart string
	err = tx.QueryRowContext(ctx, `UPDATE reservations SET status = 'confirmed' WHERE id = $1 AND status = 'held' AND expires_at > now() RETURNING cart`,
		reservation).Scan(&cart)
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO orders (reservation_id, customer, payment_reference, total_cents)
		SELECT $1, $2, $3, sum(l.quantity * p.price_cents) FROM reservation_lines l JOIN products p USING (sku) WHERE l.reservation_id = $1
		RETURNING id, total_cents`, reservation, customer, reference).Scan(&order, &total)
	if err != nil {
		return 0, 0, err
	}
	return order, total, tx.Commit()
}

// release puts the goods of a held reservation back; releasing twice is no error.
func (s *shop) release(w http.ResponseWriter, r *http.Request) {
	id, ok := reservationID(r)
	if !ok {
		s.fail(w, r, http.StatusBadRequest, "a reservation number is a whole number", nil)
		return
	}
	released, err := s.putBack(r.Context(), `id = $1`, id)
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot put the goods back", err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]int64{"released": released})
}

// putBack releases the held reservations that match the condition, one statement for status and shelves.
func (s *shop) putBack(ctx context.Context, condition string, arguments ...any) (int64, error) {
	var released int64
	err := s.db.QueryRowContext(ctx, `WITH gone AS (UPDATE reservations SET status = 'released' WHERE status = 'held' AND `+condition+` RETURNING id),
		returned AS (SELECT sku, warehouse_id, sum(quantity) AS quantity FROM reservation_lines WHERE reservation_id IN (SELECT id FROM gone) GROUP BY 1, 2),
		shelved AS (UPDATE stock s SET quantity = s.quantity + r.quantity FROM returned r WHERE s.sku = r.sku AND s.warehouse_id = r.warehouse_id)
		SELECT count(*) FROM gone`, arguments...).Scan(&released)
	return released, err
}

func (s *shop) getOrder(w http.ResponseWriter, r *http.Request) {
	id, ok := reservationID(r)
	if !ok {
		s.fail(w, r, http.StatusBadRequest, "an order number is a whole number", nil)
		return
	}
	var order struct {
		ID         int64     `json:"id"`
		Customer   string    `json:"customer"`
		TotalCents int       `json:"totalCents"`
		CreatedAt  time.Time `json:"createdAt"`
		Lines      []struct {
			SKU      string `json:"sku"`
			Name     string `json:"name"`
			Quantity int    `json:"quantity"`
		} `json:"lines"`
	}
	var lines []byte
	err := s.db.QueryRowContext(r.Context(), `SELECT o.id, o.customer, o.total_cents, o.created_at,
		(SELECT json_agg(json_build_object('sku', sku, 'name', name, 'quantity', quantity)) FROM
			(SELECT l.sku, p.name, sum(l.quantity) AS quantity FROM reservation_lines l JOIN products p USING (sku) WHERE l.reservation_id = o.reservation_id GROUP BY 1, 2 ORDER BY 1) lines)
		FROM orders o WHERE o.id = $1`, id).Scan(&order.ID, &order.Customer, &order.TotalCents, &order.CreatedAt, &lines)
	if errors.Is(err, sql.ErrNoRows) {
		s.fail(w, r, http.StatusNotFound, "no order has this number", nil)
		return
	}
	if err == nil {
		err = json.Unmarshal(lines, &order.Lines)
	}
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the order", err)
		return
	}
	writeJSON(w, http.StatusOK, order)
}
