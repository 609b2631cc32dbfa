// Command catalog is the service that bench/ebpf.ts traces: it answers with a page of products as JSON, or with what a basket costs.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

type product struct {
	Sku   string   `json:"sku"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
}

type line struct {
	Sku      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

type basket struct {
	Customer string   `json:"customer"`
	Wanted   []string `json:"wanted"`
	Lines    []line   `json:"lines"`
}

type offer struct {
	Sku      string  `json:"sku"`
	Name     string  `json:"name"`
	Quantity int     `json:"quantity"`
	Total    float64 `json:"total"`
}

func catalogue() []product {
	var all []product
	for i := 0; i < 400; i++ {
		sku := fmt.Sprintf("kettle-%03d", i)
		all = append(all, product{sku, "Kettle " + sku, 19.5 + float64(i*7919%400), []string{"kitchen", []string{"steel", "glass", "copper"}[i%3]}})
	}
	return all
}

// What has a wanted tag is priced for the basket, the cheapest first.
func (b basket) offers(all []product) []offer {
	quantities, wanted := map[string]int{}, map[string]bool{}
	for _, l := range b.Lines {
		quantities[l.Sku] += l.Quantity
	}
	for _, tag := range b.Wanted {
		wanted[strings.ToLower(tag)] = true
	}
	var found []offer
	for _, p := range all {
		for _, tag := range p.Tags {
			if wanted[tag] {
				quantity := 1 + quantities[p.Sku]
				found = append(found, offer{p.Sku, p.Name, quantity, float64(quantity) * p.Price})
			}
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Total < found[j].Total })
	return found
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
	all := catalogue()
	mux.HandleFunc("/offers", func(w http.ResponseWriter, r *http.Request) {
		var b basket
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		some := all
		if of, err := strconv.Atoi(r.URL.Query().Get("of")); err == nil && of < len(all) {
			some = all[:of]
		}
		body, _ := json.Marshal(b.offers(some))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body)
	})
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, mux))
}
