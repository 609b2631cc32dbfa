// Command inventory keeps the stock of the Bramble & Buoy shop: products, warehouses, reservations and orders in PostgreSQL.
package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "github.com/lib/pq"
)

type shop struct {
	db  *sql.DB
	log *slog.Logger
}

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	if err := run(log); err != nil {
		log.Error("inventory stopped", "error", err.Error())
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return errors.New("DATABASE_URL is not set; example: postgres://shop@127.0.0.1:5432/shop?sslmode=disable")
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(5)
	db.SetConnMaxIdleTime(2 * time.Minute)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	s := &shop{db: db, log: log}
	go s.keepShelves(ctx)

	server := &http.Server{Handler: s.logged(s.routes()), ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", net.JoinHostPort(env("HOST", "127.0.0.1"), env("PORT", "8082")))
	if err != nil {
		return err
	}
	log.Info("inventory listens", "address", listener.Addr().String())
	go func() {
		<-ctx.Done()
		log.Info("inventory stops")
		deadline, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		server.Shutdown(deadline)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *shop) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /products", s.listProducts)
	mux.HandleFunc("GET /products/{sku}", s.getProduct)
	mux.HandleFunc("POST /products/{sku}/featured", s.toggleFeatured)
	mux.HandleFunc("GET /stock", s.listStock)
	mux.HandleFunc("GET /warehouses", s.listWarehouses)
	mux.HandleFunc("POST /reservations", s.reserve)
	mux.HandleFunc("POST /reservations/{id}/confirm", s.confirm)
	mux.HandleFunc("DELETE /reservations/{id}", s.release)
	mux.HandleFunc("GET /orders/{id}", s.getOrder)
	mux.HandleFunc("GET /reports/turnover", s.turnover)
	mux.HandleFunc("GET /reports/shelf-density", s.shelfDensity)
	return mux
}

func (s *shop) health(w http.ResponseWriter, r *http.Request) {
	if err := s.db.PingContext(r.Context()); err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, "the database does not answer", err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func env(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
