import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goToolchains, installedGo } from "../../../../test/fakes/go-toolchains.ts";
import { readGoBinary } from "./binary.ts";
import { runtimeLayout } from "./runtime-layout.ts";
import { structOffsets } from "./struct-offsets.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-layouts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Prints where the compiler puts the fields that are read, and where its library has functions. */
const source = `package main

import (
	"database/sql"
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
)

// With a struct's fields those of the structs in it.
func showAll(s *dwarf.StructType, name string, at int64) {
	fmt.Println("sizeof "+name, s.ByteSize)
	for _, field := range s.Field {
		fmt.Println(name+"."+field.Name, at+field.ByteOffset)
		if inner, ok := field.Type.(*dwarf.StructType); ok && field.Name != s.StructName {
			showAll(inner, name+"."+field.Name, at+field.ByteOffset)
		}
		if named, ok := field.Type.(*dwarf.TypedefType); ok {
			if inner, ok := named.Type.(*dwarf.StructType); ok {
				showAll(inner, name+"."+field.Name, at+field.ByteOffset)
			}
		}
	}
}

func main() {
	hidden := map[string]bool{"net/http.response.wroteHeader": true, "net/http.response.status": true, "net/http.response.handlerDone": true, "net/http.conn.curReq": true, "net/http.response.conn": true, "net/http.response.req": true, "net/http.conn.rwc": true, "runtime.g.m": true, "runtime.m.curg": true, "runtime.g.goid": true, "runtime.g.parentGoid": true, "runtime.m.p": true, "runtime.p.goidcache": true}
	file, _ := elf.Open("/proc/self/exe")
	debug, err := file.DWARF()
	if err != nil {
		panic(err)
	}
	for reader := debug.Reader(); ; {
		entry, err := reader.Next()
		if entry == nil || err != nil {
			break
		}
		if entry.Tag != dwarf.TagStructType {
			continue
		}
		found, _ := debug.Type(entry.Offset)
		if s, ok := found.(*dwarf.StructType); ok {
			for _, field := range s.Field {
				if name := s.StructName + "." + field.Name; hidden[name] {
					fmt.Println(name, field.ByteOffset)
				}
			}
			if len(os.Args) > 1 {
				showAll(s, s.StructName, 0)
			}
		}
	}
	show := func(name string, t reflect.Type, fields ...string) {
		for _, f := range fields {
			field, _ := t.FieldByName(f)
			fmt.Printf("%s.%s %d\\n", name, f, field.Offset)
		}
	}
	show("net/http.Request", reflect.TypeOf(http.Request{}), "URL", "ProtoMajor", "ProtoMinor", "Host", "RemoteAddr", "TLS", "Header", "RequestURI", "ContentLength")
	show("net/url.URL", reflect.TypeOf(url.URL{}), "Scheme", "Host", "Path", "RawQuery")
	show("net/http.Response", reflect.TypeOf(http.Response{}), "StatusCode")
	show("database/sql.Stmt", reflect.TypeOf(sql.Stmt{}), "query")
	if db, err := sql.Open("none", ""); err == nil {
		db.Query("SELECT 1")
		db.Exec("SELECT 1")
		http.Get("http://localhost")
		http.Serve(nil, http.NewServeMux())
	}
}
`;
/** Written into bpf/. */
const sameInAll = {
  "net/http.Request.ContentLength": 88,
  "net/http.conn.rwc": 16,
  "net/http.response.conn": 0,
  "net/http.response.req": 8,
};
const toolchains = [...installedGo(), ...goToolchains()];
if (toolchains.length === 0) test.skip("layouts of Go's structs: there is no Go", () => undefined);

describe.each(toolchains)("a program of Go $version", ({ version, environment }) => {
  const file = path.join(folder, version, "probe");

  beforeAll(() => {
    const cwd = path.dirname(file);
    mkdirSync(cwd);
    writeFileSync(path.join(cwd, "main.go"), source);
    writeFileSync(path.join(cwd, "go.mod"), "module probe.example/probe\n\ngo 1.18\n");
    execFileSync("go", ["build", "-o", file, "."], { cwd, env: environment });
    expect(readGoBinary(file).build.version).toBe(version);
  }, 300_000);

  test("has its fields where the table says", () => {
    const printed = execFileSync(file, { encoding: "utf8" }).trim().split("\n");
    const { minor } = readGoBinary(file).build;
    expect(Object.fromEntries(printed.map((line) => line.split(" ")))).toEqual(
      Object.fromEntries(
        Object.entries({ ...structOffsets(minor), ...sameInAll })
          .filter(([field]) => field !== "runtime.g.parentGoid" || minor >= 21)
          .map(([field, offset]) => [field, String(offset)]),
      ),
    );
  });

  test("has what its runtime counts where the table says", () => {
    const printed = execFileSync(file, ["all"], { encoding: "utf8", maxBuffer: 1 << 28 });
    const places = new Map(
      printed.split("\n").map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
    const table = runtimeLayout(readGoBinary(file).build.minor);
    expect(Object.keys(table).map((field) => [field, places.get(field)])).toEqual(Object.entries(table));
  });
});
