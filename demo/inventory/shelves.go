package main

import (
	"context"
	"time"
)

const keptOrders = 5000

// keepShelves works in the background: frees expired reservations, unpacks deliveries, and keeps the newest orders only.
func (s *shop) keepShelves(ctx context.Context) {
	ticker := time.NewTicker(20 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.tidy(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("cannot tidy the shelves", "error", err.Error())
			}
		}
	}
}

func (s *shop) tidy(ctx context.Context) error {
	expired, err := s.putBack(ctx, `expires_at < now()`)
	if err != nil {
		return err
	}
	delivery, err := s.db.ExecContext(ctx,
		`UPDATE stock SET quantity = least(capacity, quantity + 1 + capacity / 12) WHERE quantity < capacity / 2 AND random() < 0.5`)
	if err != nil {
		return err
	}
	filled, _ := delivery.RowsAffected()
	_, err = s.db.ExecContext(ctx,
		`DELETE FROM reservations WHERE status = 'released' OR id IN (SELECT reservation_id FROM orders ORDER BY id DESC OFFSET $1)`, keptOrders)
	if err != nil {
		return err
	}
	if expired > 0 || filled > 0 {
		s.log.Info("shelves tidied", "expired_reservations", expired, "shelves_filled", filled)
	}
	return nil
}
