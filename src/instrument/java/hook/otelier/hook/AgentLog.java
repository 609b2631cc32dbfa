package otelier.hook;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps what the OpenTelemetry agent logs out of the program's stderr (stack traces, when nothing answers) and tells the launcher its errors.
 * Without a launcher the agent logs to stderr as ever.
 */
final class AgentLog implements Runnable {
  private static final String LOGGER = "io.opentelemetry.javaagent.slf4j.simpleLogger.";
  private static final Pattern ERROR = Pattern.compile("^\\[otel\\.javaagent [^\\]]*\\] \\[[^\\]]*\\] ERROR \\S+ - (.*)$");
  private static final long PAUSE_MS = 1000;

  private final File file;
  private final Status status;
  private long read;

  private AgentLog(File file, Status status) {
    this.file = file;
    this.status = status;
  }

  /** To be called before the agent makes its first logger. */
  static void redirect(Status status) {
    // A line about the agent's version at every start is no news; warnings and errors stay.
    setUnlessGiven(LOGGER + "log.io.opentelemetry.javaagent.tooling.VersionLogger", "WARN");
    File file = status.fileBeside(".log");
    if (file == null || System.getProperty(LOGGER + "logFile") != null) return;
    System.setProperty(LOGGER + "logFile", file.getPath());
    AgentLog log = new AgentLog(file, status);
    Thread reader = new Thread(log, "otelier-agent-log");
    reader.setDaemon(true);
    reader.start();
  }

  static void setUnlessGiven(String property, String value) {
    if (System.getProperty(property) == null) System.setProperty(property, value);
  }

  @Override
  public void run() {
    try {
      while (true) {
        Thread.sleep(PAUSE_MS);
        readNew();
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private void readNew() {
    if (file.length() <= read) return;
    try (RandomAccessFile input = new RandomAccessFile(file, "r")) {
      input.seek(read);
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        Matcher error = ERROR.matcher(line);
        if (error.matches()) status.agentError(error.group(1));
      }
      read = input.getFilePointer();
    } catch (IOException gone) {
      // The launcher has ended and taken its folder with it.
    }
  }
}
