package otelier.hook;

import java.lang.instrument.ClassFileTransformer;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Notices which libraries that the OpenTelemetry agent knows the program loads, by one class of each. Changes no class. Runs inside class
 * loading, so it only looks a name up there and leaves the rest to a thread of its own.
 */
final class Libraries implements ClassFileTransformer {
  /** "spring-webmvc-6.1.3.jar", also as BOOT-INF/lib/spring-webmvc-6.1.3.jar!/ inside another jar. */
  private static final Pattern VERSION = Pattern.compile("[^/!]*?-(\\d[\\w.]*)[^/!]*\\.jar(?:!?/)?$");

  private static final class Found {
    final String library;
    final ProtectionDomain domain;

    Found(String library, ProtectionDomain domain) {
      this.library = library;
      this.domain = domain;
    }
  }

  private final Map<String, String> known = KnownLibraries.byClass();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<Found> found = new LinkedBlockingQueue<>();

  Libraries(Status status) {
    Thread teller = new Thread(() -> tell(status), "otelier-libraries");
    teller.setDaemon(true);
    teller.start();
  }

  @Override
  public byte[] transform(ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
    String library = name == null || redefined != null ? null : known.get(name);
    if (library != null && !isTheAgents(loader) && seen.add(library)) found.add(new Found(library, domain));
    return null;
  }

  /** What the agent loads for itself (its HTTP client) is no library of the program. */
  private static boolean isTheAgents(ClassLoader loader) {
    return loader != null && loader.getClass().getName().startsWith("io.opentelemetry.javaagent.");
  }

  private void tell(Status status) {
    try {
      while (true) {
        Found one = found.take();
        status.library(one.library, version(one.domain));
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private static String version(ProtectionDomain domain) {
    CodeSource source = domain == null ? null : domain.getCodeSource();
    if (source == null || source.getLocation() == null) return null;
    Matcher jar = VERSION.matcher(source.getLocation().toString());
    return jar.find() ? jar.group(1) : null;
  }
}
