import path from "node:path";
import { findExecutable } from "./program.ts";
import { runProcess } from "./process.ts";
import { appended, type FindOptions, type FoundAgent } from "./found-agent.ts";

const gem = "opentelemetry-auto-instrumentation";
/** Prints Ruby's version and, when the gem is there, its version, its file and the gem path that it lies in. */
const question = `
require "rubygems"
spec = Gem::Specification.find_all_by_name("${gem}").max_by(&:version)
puts [RUBY_VERSION, spec&.version, spec && File.join(spec.full_gem_path, "lib", "${gem}.rb"), spec&.base_dir].join("\\n")
`;

/**
 * The gem opentelemetry-auto-instrumentation of the Ruby on the PATH. It is required by its file and told its gem path, so that it is found
 * under Bundler too, which hides gems that are not in the Gemfile. Undefined when there is no Ruby.
 */
export async function findRubyAgent(options: FindOptions): Promise<FoundAgent | undefined> {
  const { environment } = options;
  const ruby = findExecutable("ruby", options.cwd, environment["PATH"] ?? "");
  if (ruby === undefined) return undefined;
  const answer = await runProcess({
    command: ruby,
    args: ["-e", question],
    workingDirectory: "/",
    environment: { ...environment, RUBYOPT: undefined, BUNDLE_GEMFILE: undefined },
  });
  const [version = "", gemVersion = "", file = "", folder = ""] = answer.stdout.split("\n");
  if (answer.code !== 0) return undefined;
  const who = `ruby ${version.split(".").slice(0, 2).join(".")}`;
  if (gemVersion === "") {
    return {
      variables: {},
      line: `${who}: not instrumented: the gem ${gem} is not installed for ${ruby}; run: ${path.join(path.dirname(ruby), "gem")} install ${gem}`,
    };
  }
  return {
    variables: {
      RUBYOPT: appended(environment["RUBYOPT"], " ", `-r${file}`),
      OTEL_RUBY_ADDITIONAL_GEM_PATH: environment["OTEL_RUBY_ADDITIONAL_GEM_PATH"] || folder,
    },
    line: `${who}: instrumented by the gem ${gem} ${gemVersion}`,
  };
}
