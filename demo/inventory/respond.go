package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// fail answers with a short message; the cause stays in the log.
func (s *shop) fail(w http.ResponseWriter, r *http.Request, status int, message string, cause error) {
	if cause != nil {
		level := slog.LevelWarn
		if status >= 500 {
			level = slog.LevelError
		}
		s.log.Log(r.Context(), level, message, "method", r.Method, "path", r.URL.Path, "status", status, "error", cause.Error())
	}
	writeJSON(w, status, map[string]string{"error": message})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// logged writes one line per request and turns a panic into a 500 with its stack in the log.
func (s *shop) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if problem := recover(); problem != nil {
				s.log.Error("request panicked", "path", r.URL.Path, "panic", problem, "stack", string(debug.Stack()))
				writeJSON(recorder, http.StatusInternalServerError, map[string]string{"error": "something broke in the stock room"})
			}
			if r.URL.Path == "/healthz" {
				return
			}
			level := slog.LevelInfo
			if recorder.status >= 500 {
				level = slog.LevelError
			} else if recorder.status >= 400 {
				level = slog.LevelWarn
			}
			s.log.Log(r.Context(), level, "request served", "method", r.Method, "path", r.URL.Path,
				"status", recorder.status, "duration_ms", float64(time.Since(started).Microseconds())/1000)
		}()
		next.ServeHTTP(recorder, r)
	})
}
