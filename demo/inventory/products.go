package main

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"github.com/lib/pq"
)

type product struct {
	SKU        string       `json:"sku"`
	Name       string       `json:"name"`
	Category   string       `json:"category"`
	PriceCents int          `json:"priceCents"`
	Blurb      string       `json:"blurb"`
	Featured   bool         `json:"featured"`
	InStock    int          `json:"inStock"`
	Shelves    []shelfStock `json:"shelves,omitempty"`
}

type shelfStock struct {
	Warehouse string `json:"warehouse"`
	City      string `json:"city"`
	Quantity  int    `json:"quantity"`
}

const productColumns = `SELECT p.sku, p.name, p.category, p.price_cents, p.blurb, p.featured, coalesce(sum(s.quantity), 0)
	FROM products p LEFT JOIN stock s USING (sku) `

func scanProduct(row interface{ Scan(...any) error }) (product, error) {
	var p product
	err := row.Scan(&p.SKU, &p.Name, &p.Category, &p.PriceCents, &p.Blurb, &p.Featured, &p.InStock)
	return p, err
}

func (s *shop) listProducts(w http.ResponseWriter, r *http.Request) {
	category := r.URL.Query().Get("category")
	onlyFeatured := r.URL.Query().Get("featured") == "true"
	rows, err := s.db.QueryContext(r.Context(), productColumns+
		`WHERE ($1 = '' OR p.category = $1) AND (NOT $2 OR p.featured) GROUP BY p.sku ORDER BY p.category, p.name`,
		category, onlyFeatured)
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the products", err)
		return
	}
	defer rows.Close()
	products := []product{}
	for rows.Next() {
		p, err := scanProduct(rows)
		if err != nil {
			s.fail(w, r, http.StatusInternalServerError, "cannot read a product", err)
			return
		}
		products = append(products, p)
	}
	if err := rows.Err(); err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the products", err)
		return
	}
	writeJSON(w, http.StatusOK, products)
}

func (s *shop) getProduct(w http.ResponseWriter, r *http.Request) {
	sku := r.PathValue("sku")
	p, err := scanProduct(s.db.QueryRowContext(r.Context(), productColumns+`WHERE p.sku = $1 GROUP BY p.sku`, sku))
	if errors.Is(err, sql.ErrNoRows) {
		s.fail(w, r, http.StatusNotFound, "no product has the number "+sku, nil)
		return
	}
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the product", err)
		return
	}
	rows, err := s.db.QueryContext(r.Context(),
		`SELECT w.name, w.city, s.quantity FROM stock s JOIN warehouses w ON w.id = s.warehouse_id WHERE s.sku = $1 ORDER BY w.id`, sku)
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the shelves", err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var shelf shelfStock
		if err := rows.Scan(&shelf.Warehouse, &shelf.City, &shelf.Quantity); err != nil {
			s.fail(w, r, http.StatusInternalServerError, "cannot read a shelf", err)
			return
		}
		p.Shelves = append(p.Shelves, shelf)
	}
	writeJSON(w, http.StatusOK, p)
}

// toggleFeatured puts a product into the shop window, or takes it out.
func (s *shop) toggleFeatured(w http.ResponseWriter, r *http.Request) {
	var featured bool
	err := s.db.QueryRowContext(r.Context(),
		`UPDATE products SET featured = NOT featured WHERE sku = $1 RETURNING featured`, r.PathValue("sku")).Scan(&featured)
	if errors.Is(err, sql.ErrNoRows) {
		s.fail(w, r, http.StatusNotFound, "no product has the number "+r.PathValue("sku"), nil)
		return
	}
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot change the shop window", err)
		return
	}
	s.log.Info("shop window changed", "sku", r.PathValue("sku"), "featured", featured)
	writeJSON(w, http.StatusOK, map[string]any{"sku": r.PathValue("sku"), "featured": featured})
}

// listStock answers ?sku=A,B,C with the amount of each in all warehouses together.
func (s *shop) listStock(w http.ResponseWriter, r *http.Request) {
	numbers := strings.Split(r.URL.Query().Get("sku"), ",")
	if len(numbers) > 100 {
		s.fail(w, r, http.StatusBadRequest, "ask for at most 100 products at once", nil)
		return
	}
	rows, err := s.db.QueryContext(r.Context(),
		`SELECT sku, sum(quantity) FROM stock WHERE sku = ANY($1) GROUP BY sku`, pq.Array(numbers))
	if err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "cannot read the stock", err)
		return
	}
	defer rows.Close()
	amounts := map[string]int{}
	for rows.Next() {
		var sku string
		var quantity int
		if err := rows.Scan(&sku, &quantity); err != nil {
			s.fail(w, r, http.StatusInternalServerError, "cannot read the stock", err)
			return
		}
		amounts[sku] = quantity
	}
	writeJSON(w, http.StatusOK, amounts)
}
