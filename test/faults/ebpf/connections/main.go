// Command connections opens HTTP/1.1 connections at a steady rate, sends one request over each, and counts how they are answered: ADDRESS RATE SECONDS.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const workers = 64

func main() {
	address := os.Args[1]
	rate, _ := strconv.Atoi(os.Args[2])
	seconds, _ := strconv.Atoi(os.Args[3])
	request := []byte("GET /stock HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
	var due, answered, failed atomic.Int64
	total := int64(rate) * int64(seconds)
	begin := time.Now()
	var all sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		all.Add(1)
		go func() {
			defer all.Done()
			room := make([]byte, 4096)
			for {
				next := due.Add(1)
				if next > total {
					return
				}
				time.Sleep(time.Until(begin.Add(time.Duration(next) * time.Second / time.Duration(rate))))
				if ask(address, request, room) {
					answered.Add(1)
				} else {
					failed.Add(1)
					time.Sleep(10 * time.Millisecond)
				}
			}
		}()
	}
	all.Wait()
	json.NewEncoder(os.Stdout).Encode(map[string]any{"answered": answered.Load(), "failed": failed.Load(), "seconds": time.Since(begin).Seconds()})
}

// The whole answer came, and it was 200.
func ask(address string, request, room []byte) bool {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := connection.Write(request); err != nil {
		return false
	}
	length := 0
	for {
		count, err := connection.Read(room[length:])
		length += count
		if err == io.EOF {
			return bytes.HasPrefix(room[:length], []byte("HTTP/1.1 200 ")) && bytes.HasSuffix(room[:length], []byte("in stock\n"))
		}
		if err != nil || length == len(room) {
			return false
		}
	}
}
