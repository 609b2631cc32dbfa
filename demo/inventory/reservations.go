package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"time"
)

const holdFor = 5 * time.Minute

type line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// refusal is a problem that the customer can be told about.
type refusal struct {
	status  int
	message string
}

func (r refusal) Error() string { return r.message }

// reserve takes the lines of a cart off the shelves for five minutes: 409 when a shelf holds too little, 503 while the goods are counted.
func (s *shop) reserve(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Cart  string `json:"cart"`
		Lines []line `json:"lines"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&wish); err != nil {
		s.fail(w, r, http.StatusBadRequest, "cannot read the reservation: not valid JSON", err)
		return
	}
	if wish.Cart == "" || len(wish.Lines) == 0 || len(wish.Lines) > 50 {
		s.fail(w, r, http.StatusBadRequest, "a reservation needs a cart and 1 to 50 lines", nil)
		return
	}
	// Everybody takes products in the same order, so that two carts never wait for each other.
	sort.Slice(wish.Lines, func(a, b int) bool { return wish.Lines[a].SKU < wish.Lines[b].SKU })
	id, total, err := s.hold(r.Context(), wish.Cart, wish.Lines)
	var no refusal
	if errors.As(err, &no) {
		if no.status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "5")
		}
		s.fail(w, r, no.status, no.message, err)
		return
	}
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot reserve right now", err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]any{"id": id, "totalCents": total, "heldForSeconds": int(holdFor.Seconds())})
}

func (s *shop) hold(ctx context.Context, cart string, lines []line) (id int64, total int, err error) {
	if counting(time.Now()) {
		return 0, 0, refusal{http.StatusServiceUnavailable, "the warehouse is counting its stock; try again in a few seconds"}
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot begin: %w", err)
	}
	defer tx.Rollback()
	err = tx.QueryRowContext(ctx, `INSERT INTO reservations (cart, expires_at) VALUES ($1, $2) RETURNING id`,
		cart, time.Now().Add(holdFor)).Scan(&id)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot write the reservation: %w", err)
	}
	for _, wanted := range lines {
		price, err := takeFromShelves(ctx, tx, id, wanted)
		if err != nil {
			return 0, 0, err
		}
		total += price * wanted.Quantity
	}
	if err := tx.Commit(); err != nil {
		return 0, 0, fmt.Errorf("cannot commit: %w", err)
	}
	return id, total, nil
}

// takeFromShelves empties the fullest warehouse first and returns the price of one piece.
func takeFromShelves(ctx context.Context, tx *sql.Tx, reservation int64, wanted line) (int, error) {
	if wanted.Quantity < 1 {
		return 0, refusal{http.StatusBadRequest, "a line needs a quantity of at least 1"}
	}
	var price int
	err := tx.QueryRowContext(ctx, `SELECT price_cents FROM products WHERE sku = $1`, wanted.SKU).Scan(&price)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, refusal{http.StatusNotFound, "no product has the number " + wanted.SKU}
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read the price of %s: %w", wanted.SKU, err)
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT warehouse_id, quantity FROM stock WHERE sku = $1 AND quantity > 0 ORDER BY quantity DESC, warehouse_id FOR UPDATE`, wanted.SKU)
	if err != nil {
		return 0, fmt.Errorf("cannot look at the shelves of %s: %w", wanted.SKU, err)
	}
	type shelf struct{ warehouse, quantity int }
	var shelves []shelf
	for rows.Next() {
		var found shelf
		if err := rows.Scan(&found.warehouse, &found.quantity); err != nil {
			rows.Close()
			return 0, err
		}
		shelves = append(shelves, found)
	}
	rows.Close()
	missing := wanted.Quantity
	for _, found := range shelves {
		if missing == 0 {
			break
		}
		taken := min(missing, found.quantity)
		if _, err := tx.ExecContext(ctx, `UPDATE stock SET quantity = quantity - $3 WHERE sku = $1 AND warehouse_id = $2`,
			wanted.SKU, found.warehouse, taken); err != nil {
			return 0, fmt.Errorf("cannot take %s from its shelf: %w", wanted.SKU, err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO reservation_lines (reservation_id, sku, warehouse_id, quantity) VALUES ($1, $2, $3, $4)`,
			reservation, wanted.SKU, found.warehouse, taken); err != nil {
			return 0, fmt.Errorf("cannot note the line of %s: %w", wanted.SKU, err)
		}
		missing -= taken
	}
	if missing > 0 {
		return 0, refusal{http.StatusConflict, fmt.Sprintf("only %d of %d pieces of %s are left", wanted.Quantity-missing, wanted.Quantity, wanted.SKU)}
	}
	return price, nil
}

// counting is true for two seconds of every minute: stocktaking, when nothing may leave the shelves.
func counting(now time.Time) bool { return now.Second() >= 40 && now.Second() < 42 }

func reservationID(r *http.Request) (int64, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return id, err == nil && id > 0
}
