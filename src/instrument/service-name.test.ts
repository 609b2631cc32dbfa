import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { serviceName } from "./service-name.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "otelier-names-"));
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const made = path.join(root, name);
  mkdirSync(path.join(made, ".git"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(made, file), text);
  return made;
}

const packageJson = { "package.json": '{"name":"@acme/front"}' };
const pyproject = {
  "pyproject.toml":
    '[build-system]\nname = "no"\n[project]\nversion = "1"\nname = "talks-api"\n[tool.x]\nname = "no"\n',
};

describe("serviceName", () => {
  test.each([
    ["package.json", ["node", "x.js"], packageJson, "@acme/front"],
    ["pyproject.toml", ["python", "x.py"], pyproject, "talks-api"],
    ["poetry", ["gunicorn", "a:b"], { "pyproject.toml": "[tool.poetry]\nname = 'old-style'" }, "old-style"],
    ["both, started by node", ["npm", "start"], { ...packageJson, ...pyproject }, "@acme/front"],
    ["both, started by Python", ["python3.12", "-m", "talks"], { ...packageJson, ...pyproject }, "talks-api"],
    ["go.mod", ["go", "run", "."], { "go.mod": "module example.com/acme/payments\n\ngo 1.22" }, "payments"],
    ["broken package.json", ["node", "importer.js"], { "package.json": "{" }, "importer"],
    ["a script that says something", ["python", "-u", "nightly_import.py"], {}, "nightly_import"],
    ["a module", ["python", "-m", "nightly"], {}, "nightly"],
    [
      "pom.xml, not its parent's",
      ["mvn", "spring-boot:run"],
      {
        "pom.xml":
          "<project><parent><artifactId>spring-boot-starter-parent</artifactId></parent>\n<artifactId>stock</artifactId></project>",
      },
      "stock",
    ],
    ["settings.gradle", ["./gradlew", "run"], { "settings.gradle": "rootProject.name = 'stock'" }, "stock"],
    [
      "a jar with its version",
      ["java", "-Xmx1g", "-jar", "target/stock-1.4.2-SNAPSHOT.jar", "x"],
      {},
      "stock",
    ],
    ["a main class", ["java", "-cp", "app.jar:lib/*", "com.acme.StockServer"], {}, "StockServer"],
    ["an executable", ["./bin/inventory"], {}, "inventory"],
  ])("%s", (name, command, files, expected) => {
    expect(serviceName(command, folder(name, files), {})).toEqual({ name: expected, inferred: true });
  });

  test.each([
    [["node", "server.js"]],
    [["python", "manage.py", "runserver"]],
    [["npm", "run", "dev"]],
    [["node"]],
    [["node", "-e", "1"]],
  ])("%j says nothing: the folder's name", (command) =>
    expect(serviceName(command, folder("talk-shop", {}), {}).name).toBe("talk-shop"),
  );

  test("the manifest is searched up to the repository's root", () => {
    const top = folder("mono", packageJson);
    mkdirSync(path.join(top, "services", "deep"), { recursive: true });
    expect(serviceName(["node", "x.js"], path.join(top, "services", "deep"), {}).name).toBe("@acme/front");
  });

  test("OTEL_SERVICE_NAME, then the given name, stand above all", () => {
    const cwd = folder("ranks", packageJson);
    expect(serviceName(["node"], cwd, { OTEL_SERVICE_NAME: "env" }, "option")).toEqual({
      name: "env",
      inferred: false,
    });
    expect(serviceName(["node"], cwd, {}, "option")).toEqual({ name: "option", inferred: false });
    expect(serviceName(["node"], cwd, { OTEL_SERVICE_NAME: "" }).name).toBe("@acme/front");
  });
});
