// Command connections opens HTTP/1.1 connections at a steady rate, sends one request over each, and counts how they are answered: ADDRESS RATE SECONDS.
//
// One thread and system calls that do not wait: what Go's own sockets take of the cores belongs to the server that is tried.
package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// How long answers may take when all requests were due.
const patience = 10 * time.Second

// As many connections at once as a server's backlog bears.
const most = 256

var request = []byte("GET /stock HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")

type load struct {
	address          syscall.SockaddrInet4
	poll             int
	open             map[int]*bytes.Buffer
	room             []byte
	answered, failed int
}

func main() {
	host, port, _ := net.SplitHostPort(os.Args[1])
	rate, _ := strconv.Atoi(os.Args[2])
	seconds, _ := strconv.Atoi(os.Args[3])
	poll, err := syscall.EpollCreate1(0)
	if err != nil {
		panic(err)
	}
	l := load{poll: poll, open: map[int]*bytes.Buffer{}, room: make([]byte, 4096)}
	copy(l.address.Addr[:], net.ParseIP(host).To4())
	l.address.Port, _ = strconv.Atoi(port)
	begin, total := time.Now(), rate*seconds
	for started := 0; l.answered+l.failed < total; {
		due := int(time.Since(begin) * time.Duration(rate) / time.Second)
		for started < total && started <= due && len(l.open) < most {
			l.ask()
			started++
		}
		l.wait()
		if time.Since(begin) > time.Duration(seconds)*time.Second+patience {
			l.failed = total - l.answered
		}
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"answered": l.answered, "failed": l.failed, "seconds": time.Since(begin).Seconds()})
}

// A connection to this machine is established, or refused, when the call returns.
func (l *load) ask() {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		l.failed++
		return
	}
	if syscall.Connect(socket, &l.address) != nil {
		syscall.Close(socket)
		l.failed++
		return
	}
	if _, err := syscall.Write(socket, request); err != nil {
		l.done(socket, false)
		return
	}
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP, Fd: int32(socket)}
	if syscall.EpollCtl(l.poll, syscall.EPOLL_CTL_ADD, socket, &event) != nil {
		l.done(socket, false)
		return
	}
	l.open[socket] = &bytes.Buffer{}
}

// Reads what has come, for a millisecond at most.
func (l *load) wait() {
	var events [most]syscall.EpollEvent
	count, _ := syscall.EpollWait(l.poll, events[:], 1)
	for _, event := range events[:max(count, 0)] {
		socket := int(event.Fd)
		length, err := syscall.Read(socket, l.room)
		switch answer := l.open[socket]; {
		case err == syscall.EINTR:
		case err != nil:
			l.done(socket, false)
		case length > 0:
			answer.Write(l.room[:length])
		default:
			// The whole answer came, and it was 200.
			all := answer.Bytes()
			l.done(socket, bytes.HasPrefix(all, []byte("HTTP/1.1 200 ")) && bytes.HasSuffix(all, []byte("in stock\n")))
		}
	}
}

func (l *load) done(socket int, good bool) {
	syscall.Close(socket)
	delete(l.open, socket)
	if good {
		l.answered++
	} else {
		l.failed++
	}
}
