// Command catalog is the service that bench/ebpf.ts traces: it answers each request with a page of products as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
)

type product struct {
	Sku   string   `json:"sku"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/products/", func(w http.ResponseWriter, r *http.Request) {
		var page []product
		for i := 0; i < 20; i++ {
			sku := fmt.Sprintf("%s-%02d", r.URL.Path[len("/products/"):], i)
			page = append(page, product{sku, "Kettle " + sku, 19.5 + float64(i), []string{"kitchen", "steel"}})
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(page)
	})
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, mux))
}
