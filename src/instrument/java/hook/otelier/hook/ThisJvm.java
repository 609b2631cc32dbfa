package otelier.hook;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a JVM says of itself: by ProcessHandle, which is Java 9's; before that by the management bean, which a runtime made by jlink may lack
 * and which should not be loaded before the program has chosen its logging.
 */
final class ThisJvm {
  private static final Pattern OPENTELEMETRY_AGENT = Pattern.compile("-javaagent:[^ ]*opentelemetry[^/ ]*\\.jar");

  private ThisJvm() {}

  /** 0 when it cannot be found out. */
  static long pid() {
    try {
      return (Long) processHandle("pid");
    } catch (ReflectiveOperationException before9) {
      String name = ManagementFactory.getRuntimeMXBean().getName(); // pid@host
      return name.matches("\\d+@.*") ? Long.parseLong(name.substring(0, name.indexOf('@'))) : 0;
    }
  }

  /** True when the program's own options load an OpenTelemetry agent. */
  static boolean hasOpenTelemetryAgent() {
    Stream<String> byEnvironment = Stream.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS").map(System::getenv);
    return Stream.concat(byEnvironment, arguments().stream())
        .anyMatch(text -> text != null && OPENTELEMETRY_AGENT.matcher(text).find());
  }

  private static List<String> arguments() {
    try {
      Object details = processHandle("info");
      Object all = Class.forName("java.lang.ProcessHandle$Info").getMethod("arguments").invoke(details);
      return ((Optional<?>) all).map(found -> Arrays.asList((String[]) found)).orElse(Arrays.asList());
    } catch (ReflectiveOperationException before9) {
      return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }
  }

  private static Object processHandle(String method) throws ReflectiveOperationException {
    Class<?> handle = Class.forName("java.lang.ProcessHandle");
    return handle.getMethod(method).invoke(handle.getMethod("current").invoke(null));
  }
}
