// Command own prints what runtime/metrics says of it, once for each letter that it reads, and does nothing in between that would change it.
package main

import (
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"
)

var kept [][]byte

func main() {
	if len(os.Args) > 1 {
		http.ListenAndServe(os.Args[1], nil)
	}
	for range [7]int{} {
		go func() { select {} }()
	}
	all := metrics.All()
	samples := make([]metrics.Sample, 0, len(all))
	for _, known := range all {
		switch known.Name {
		case "/memory/classes/total:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/stacks:bytes",
			"/gc/gomemlimit:bytes", "/gc/gogc:percent", "/gc/heap/allocs:bytes", "/gc/heap/allocs:objects", "/gc/heap/goal:bytes",
			"/sched/goroutines:goroutines", "/sched/gomaxprocs:threads", "/sched/latencies:seconds":
			samples = append(samples, metrics.Sample{Name: known.Name})
		}
	}
	text := make([]byte, 0, 1<<16)
	var letter [1]byte
	for {
		if n, _ := os.Stdin.Read(letter[:]); n == 0 {
			return
		}
		switch letter[0] {
		case 'w':
			work()
		case 'b':
			for range [2]int{} {
				go busy()
			}
		}
		metrics.Read(samples)
		text = text[:0]
		for i := range samples {
			text = append(append(text, samples[i].Name...), ' ')
			if samples[i].Value.Kind() == metrics.KindUint64 {
				text = strconv.AppendUint(text, samples[i].Value.Uint64(), 10)
			} else {
				histogram := samples[i].Value.Float64Histogram()
				for _, count := range histogram.Counts {
					text = append(strconv.AppendUint(text, count, 10), ',')
				}
				text[len(text)-1] = ' '
				for _, bound := range histogram.Buckets {
					text = append(strconv.AppendFloat(text, bound, 'g', -1, 64), ',')
				}
				text = text[:len(text)-1]
			}
			text = append(text, '\n')
		}
		os.Stdout.Write(append(text, "end\n"...))
	}
}

// Objects of many sizes, goroutines that end, and collections.
func work() {
	done := make(chan bool)
	for i := 1; i < 400; i++ {
		go func(size int) {
			kept = append([][]byte{make([]byte, size)}, kept...)
			done <- true
		}(i * 97)
		<-done
	}
	kept = kept[:len(kept)/2]
	runtime.GC()
	debug.FreeOSMemory()
	// What goes on after a collection is over by then.
	time.Sleep(10 * time.Millisecond)
}

func busy() {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	for {
		for i := 1; i < 100; i++ {
			kept := make([]byte, i*331)
			go func() { kept[0]++ }()
		}
		metrics.Read(samples)
	}
}
