package otelier.hook;

import java.io.File;
import java.lang.instrument.Instrumentation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Zero-code OpenTelemetry for one JVM, started by -javaagent before the program's main method.
 *
 * <p>Decides whether this JVM is instrumented, hands over to the OpenTelemetry Java agent that lies in the cache, and tells the launcher what
 * happened. Never throws and never prints. Compiled for Java 8, without dependencies. Read next: {@link Tools}, {@link Libraries}, {@link AgentLog}, {@link Status}.
 */
public final class Agent {
  private static final String OPENTELEMETRY = "io.opentelemetry.javaagent.OpenTelemetryAgent";

  private Agent() {}

  public static void premain(String arguments, Instrumentation instrumentation) {
    Map<String, String> environment = System.getenv();
    if (environment.containsKey("OTELIER_OFF") || Tools.isTool(System.getProperty("sun.java.command"))) return;
    Status status = Status.of(environment.get("OTELIER_RUN_DIR"));
    if ("true".equalsIgnoreCase(setting("otel.sdk.disabled"))) {
      status.leftAlone("OTEL_SDK_DISABLED is true", null);
      return;
    }
    if ("false".equalsIgnoreCase(setting("otel.javaagent.enabled"))) {
      status.leftAlone("OTEL_JAVAAGENT_ENABLED is false", null);
      return;
    }
    if (ThisJvm.hasOpenTelemetryAgent()) {
      status.leftAlone("the program brings its own OpenTelemetry agent (-javaagent)", null);
      return;
    }
    String agent = environment.get("OTELIER_JAVA_AGENT");
    if (agent == null || !new File(agent).isFile()) {
      status.leftAlone("its OpenTelemetry agent is not installed yet", "run: otelier setup java");
      return;
    }
    try {
      instrumentation.addTransformer(new Libraries(status));
      handOver(agent, instrumentation, status);
      // Said last: building the agent up takes seconds on a busy machine, and only then does the program load its libraries.
      status.started(setting("otel.service.name"), setting("otel.exporter.otlp.endpoint"), signals());
    } catch (Throwable error) {
      status.leftAlone("its OpenTelemetry agent cannot be loaded: " + error, "remove the cache folder and start again");
    }
  }

  /** What the JVM does for -javaagent: the jar joins the class path, and its premain is called. */
  private static void handOver(String jar, Instrumentation instrumentation, Status status) throws Exception {
    // It takes "java App.java" for the compiler and stands back, with a line on stderr; Tools has decided that already.
    if (setting("otel.javaagent.enabled") == null) System.setProperty("otel.javaagent.enabled", "true");
    if (!exportsToConsole()) AgentLog.redirect(status);
    instrumentation.appendToSystemClassLoaderSearch(new JarFile(jar));
    Class.forName(OPENTELEMETRY, true, ClassLoader.getSystemClassLoader())
        .getMethod("premain", String.class, Instrumentation.class)
        .invoke(null, null, instrumentation);
  }

  /** As the agent reads it: the system property, else the environment variable of that name. */
  private static String setting(String property) {
    String value = System.getProperty(property);
    return value != null ? value : System.getenv(property.replace('.', '_').toUpperCase(java.util.Locale.ROOT));
  }

  /** The console exporters write through the agent's log, which then is what the user asked for. */
  private static boolean exportsToConsole() {
    return Stream.of("traces", "metrics", "logs")
        .map(signal -> setting("otel." + signal + ".exporter"))
        .anyMatch(exporters -> exporters != null && exporters.matches(".*(console|logging).*"));
  }

  private static List<String> signals() {
    Stream<String> all = Arrays.asList("traces", "metrics", "logs").stream();
    return all.filter(signal -> !"none".equals(setting("otel." + signal + ".exporter"))).collect(Collectors.toList());
  }
}
