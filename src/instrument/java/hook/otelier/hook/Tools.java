package otelier.hook;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/** JVMs that build, check or package and serve nothing. What they start (a Gradle JavaExec, spring-boot:run) has a JVM of its own. */
final class Tools {
  private static final Set<String> MAIN_CLASSES =
      Collections.unmodifiableSet(
          new HashSet<>(
              Arrays.asList(
                  "org.codehaus.plexus.classworlds.launcher.Launcher",
                  "org.codehaus.classworlds.Launcher",
                  "org.apache.maven.wrapper.MavenWrapperMain",
                  "org.mvndaemon.mvnd.common.DaemonServer",
                  "org.gradle.wrapper.GradleWrapperMain",
                  "org.gradle.launcher.GradleMain",
                  "org.gradle.launcher.daemon.bootstrap.GradleDaemon",
                  "worker.org.gradle.process.internal.worker.GradleWorkerMain",
                  "org.apache.tools.ant.launch.Launcher",
                  "xsbt.boot.Boot",
                  "sbt.internal.client.NetworkClient",
                  "coursier.Coursier",
                  "dev.jbang.Main",
                  "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
                  "org.jetbrains.kotlin.daemon.KotlinCompileDaemon",
                  "scala.tools.nsc.Main",
                  "dotty.tools.dotc.Main")));

  /** "java App.java" runs the program inside the compiler's module. */
  private static final String SOURCE_LAUNCHER = "com.sun.tools.javac.launcher.";

  private Tools() {}

  /** @param command what sun.java.command holds: "[module/]main.Class arguments" or "file.jar arguments"; null is no tool. */
  static boolean isTool(String command) {
    if (command == null || command.isEmpty()) return false;
    String main = command.split(" ", 2)[0];
    int slash = main.indexOf('/');
    String type = main.substring(slash + 1);
    if (MAIN_CLASSES.contains(type)) return true;
    if (main.endsWith("gradle-wrapper.jar") || main.endsWith("maven-wrapper.jar") || main.endsWith("sbt-launch.jar")) return true;
    // The JDK's own commands: jdk.compiler/com.sun.tools.javac.Main, jdk.jcmd/sun.tools.jcmd.JCmd, java.base/sun.security.tools.keytool.Main
    boolean ofTheJdk = slash > 0 && (main.startsWith("jdk.") || main.startsWith("java."));
    boolean before9 = slash < 0 && (type.startsWith("com.sun.tools.") || type.startsWith("sun.tools.") || type.startsWith("sun.security.tools."));
    return (ofTheJdk || before9) && !type.startsWith(SOURCE_LAUNCHER) && !main.startsWith("jdk.httpserver/");
  }
}
