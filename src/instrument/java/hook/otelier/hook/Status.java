package otelier.hook;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the launcher is told: one JSON object a line in RUN_DIR/status/PID.jsonl. Without a launcher nothing is written; a launcher that is
 * gone is no failure.
 */
final class Status {
  private final File file;
  private final long pid;
  private final String runtime = "java " + shortVersion(System.getProperty("java.version", "unknown"));

  private Status(File file, long pid) {
    this.file = file;
    this.pid = pid;
  }

  static Status of(String runFolder) {
    long pid = ThisJvm.pid();
    boolean told = runFolder != null && !runFolder.isEmpty() && pid > 0;
    return new Status(told ? new File(new File(runFolder, "status"), pid + ".jsonl") : null, pid);
  }

  void started(String service, String endpoint, List<String> signals) {
    String list = signals.stream().map(Status::quoted).collect(Collectors.joining(","));
    String to = endpoint == null ? "http://localhost:4318" : endpoint;
    send("start", "service", quoted(service), "endpoint", quoted(to), "signals", "[" + list + "]");
    if (file != null) Runtime.getRuntime().addShutdownHook(new Thread(() -> send("end"), "otelier-end"));
  }

  void library(String name, String version) {
    send("library", "name", quoted(name), "version", quoted(version));
  }

  /** The agent itself says that something fails. */
  void agentError(String text) {
    send("agent-log", "level", "\"ERROR\"", "text", quoted(text));
  }

  /** A file of this process in the run's folder; null without a launcher. */
  File fileBeside(String ending) {
    return file == null ? null : new File(file.getParentFile().getParentFile(), "java-" + pid + ending);
  }

  void leftAlone(String reason, String hint) {
    send("left-alone", "reason", quoted(reason), "hint", quoted(hint));
  }

  /** @param fields names and JSON values by turns. */
  private synchronized void send(String event, String... fields) {
    if (file == null) return;
    StringBuilder line = new StringBuilder("{\"event\":" + quoted(event) + ",\"pid\":" + pid + ",\"runtime\":" + quoted(runtime));
    for (int i = 0; i < fields.length; i += 2) {
      if (!"null".equals(fields[i + 1])) line.append(",\"").append(fields[i]).append("\":").append(fields[i + 1]);
    }
    line.append("}\n");
    try (FileOutputStream output = new FileOutputStream(file, true)) {
      output.write(line.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      // Nobody reads any more.
    }
  }

  /** "17.0.15" and "1.8.0_412" as people say them: 17.0, 1.8. */
  private static String shortVersion(String version) {
    String[] parts = version.split("\\.", 3);
    return parts.length < 2 ? version : parts[0] + "." + parts[1];
  }

  private static String quoted(String text) {
    if (text == null) return "null";
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    return out.append('"').toString();
  }
}
