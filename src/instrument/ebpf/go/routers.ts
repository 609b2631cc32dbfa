/** Routers beside net/http's: which functions of theirs are watched, and where they keep what bpf/go-routers.h reads, by version. */
import type { BuildInfo } from "./build-info.ts";
import type { Instrumentation } from "./probes.ts";

type Modules = BuildInfo["modules"];

const chi5 = "github.com/go-chi/chi/v5";
const chi4 = "github.com/go-chi/chi";
const echo = "github.com/labstack/echo/v4";

/** chi.Context: of RoutePatterns, and of routePattern. */
interface ChiLayout {
  readonly patterns: number;
  readonly pattern: number;
}

/** Of a version as modules have it; undefined where it is none, as of a program's own copy. */
function parseVersion(modules: Modules, module: string): readonly [number, number, number] | undefined {
  const parts = /^v(\d+)\.(\d+)\.(\d+)(?:\+incompatible)?$/.exec(modules.get(module) ?? "");
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

/** Whether `module` is linked in with a version from `first` to any patch of `last`. */
function isFrom(
  modules: Modules,
  module: string,
  first: readonly [number, number, number],
  last: readonly [number, number],
): boolean {
  const version = parseVersion(modules, module);
  if (version === undefined) return false;
  const [major, minor, patch] = version;
  const atLeast = major === first[0] && (minor > first[1] || (minor === first[1] && patch >= first[2]));
  return atLeast && major === last[0] && minor <= last[1];
}

function chiLayout(modules: Modules): ChiLayout | undefined {
  if (isFrom(modules, chi5, [5, 0, 1], [5, 5])) return { patterns: 176, pattern: 160 };
  // Where both are linked in, the older one is left alone.
  if (modules.has(chi5) && !isFrom(modules, chi5, [5, 0, 0], [5, 0])) return undefined;
  const older =
    isFrom(modules, chi5, [5, 0, 0], [5, 0]) ||
    isFrom(modules, chi4, [4, 1, 0], [4, 1]) ||
    isFrom(modules, chi4, [1, 5, 0], [1, 5]);
  return older ? { patterns: 48, pattern: 120 } : undefined;
}

/** echo.context: of path; whether that is the request's own path where no route is found. */
interface EchoLayout {
  readonly path: number;
  readonly hasRequest: 0 | 1;
}

function echoLayout(modules: Modules): EchoLayout | undefined {
  if (isFrom(modules, echo, [4, 13, 2], [4, 16])) return { path: 88, hasRequest: 0 };
  if (isFrom(modules, echo, [4, 12, 0], [4, 12])) return { path: 80, hasRequest: 0 };
  if (isFrom(modules, echo, [4, 10, 2], [4, 11])) return { path: 16, hasRequest: 0 };
  return isFrom(modules, echo, [4, 1, 16], [4, 10]) ? { path: 16, hasRequest: 1 } : undefined;
}

/**
 * One that gives its context back to a pool when a request is over. Where that call cannot be watched, `finder` is, which is given the context in that word of its
 * arguments and has written the route there when it returns.
 */
function pooled(
  name: "gin" | "chi" | "echo",
  server: string,
  finder: { readonly function: string; readonly context: 1 | 6 },
  knows: (modules: Modules) => boolean,
): Instrumentation {
  return {
    name,
    required: [server],
    isRouter: knows,
    probes: [
      {
        function: server,
        call: { of: "sync.(*Pool).Put", program: `${name}_served`, at: "call" },
        otherwise: [
          {
            function: finder.function,
            entry: `router_finds_in_${finder.context}`,
            returns: `${name}_found`,
          },
        ],
      },
    ],
  };
}

const gin = "github.com/gin-gonic/gin";
const httprouter = "github.com/julienschmidt/httprouter";

export const routers: readonly Instrumentation[] = [
  pooled(
    "gin",
    `${gin}.(*Engine).ServeHTTP`,
    { function: `${gin}.(*Engine).handleHTTPRequest`, context: 1 },
    (modules) => isFrom(modules, gin, [1, 7, 0], [1, 12]),
  ),
  ...[chi5, chi4].map((module) =>
    pooled(
      "chi",
      `${module}.(*Mux).ServeHTTP`,
      { function: `${module}.(*node).FindRoute`, context: 1 },
      (modules) => modules.has(chi5) === (module === chi5) && chiLayout(modules) !== undefined,
    ),
  ),
  pooled(
    "echo",
    `${echo}.(*Echo).ServeHTTP`,
    { function: `${echo}.(*Router).Find`, context: 6 },
    (modules) => echoLayout(modules) !== undefined,
  ),
  {
    name: "gorilla/mux",
    required: ["github.com/gorilla/mux.requestWithRoute"],
    isRouter: (modules) => isFrom(modules, "github.com/gorilla/mux", [1, 7, 4], [1, 8]),
    probes: [{ function: "github.com/gorilla/mux.requestWithRoute", entry: "gorilla_found" }],
  },
  {
    name: "httprouter",
    required: [`${httprouter}.(*Router).ServeHTTP`],
    isRouter: (modules) => isFrom(modules, httprouter, [1, 2, 0], [1, 3]),
    probes: [
      {
        function: `${httprouter}.(*Router).ServeHTTP`,
        call: {
          of: `${httprouter}.(*node).getValue`,
          program: "httprouter_found",
          results: ["ax", "bx", "cx"],
        },
      },
    ],
  },
];

/** In ServeHTTP since then: before, a stop where net/http's router finds its pattern is deeper in the stack than what is inside of it. */
const firstFlatMux = 22;

/** The last words of `struct offsets` of bpf/traced-process.h. */
export function routerOffsets({ minor, modules }: Pick<BuildInfo, "minor" | "modules">): readonly number[] {
  const [chi, ofEcho] = [chiLayout(modules), echoLayout(modules)];
  const isRouted = routers.some(({ isRouter }) => isRouter?.(modules) === true);
  return [
    chi?.patterns ?? 0,
    chi?.pattern ?? 0,
    ofEcho?.path ?? 0,
    ofEcho?.hasRequest ?? 0,
    isRouted && minor >= firstFlatMux ? 1 : 0,
  ];
}
