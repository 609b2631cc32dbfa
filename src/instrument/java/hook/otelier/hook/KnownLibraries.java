package otelier.hook;

import java.util.HashMap;
import java.util.Map;

/**
 * One class of each library that people ask about, of those that the agent's documentation lists (opentelemetry-java-instrumentation,
 * docs/supported-libraries.md). It is loaded when the library is used, not when it merely lies on the class path.
 */
final class KnownLibraries {
  private static final String[][] TABLE = {
    {"jdk.httpserver", "com/sun/net/httpserver/HttpServer"},
    {"java.net.http", "java/net/http/HttpClient"},
    {"HttpURLConnection", "sun/net/www/protocol/http/HttpURLConnection"},
    {"spring-webmvc", "org/springframework/web/servlet/DispatcherServlet"},
    {"spring-webflux", "org/springframework/web/reactive/DispatcherHandler"},
    {"spring-scheduling", "org/springframework/scheduling/support/ScheduledMethodRunnable"},
    {"tomcat", "org/apache/catalina/connector/CoyoteAdapter"},
    {"jetty", "org/eclipse/jetty/server/Server"},
    {"undertow", "io/undertow/Undertow"},
    {"netty", "io/netty/channel/DefaultChannelPipeline"},
    {"vertx", "io/vertx/core/impl/VertxImpl"},
    {"jersey", "org/glassfish/jersey/server/ApplicationHandler"},
    {"resteasy", "org/jboss/resteasy/core/SynchronousDispatcher"},
    {"ratpack", "ratpack/server/RatpackServer"},
    {"armeria", "com/linecorp/armeria/server/Server"},
    {"ktor", "io/ktor/server/engine/BaseApplicationEngine"},
    {"okhttp", "okhttp3/OkHttpClient"},
    {"apache-httpclient", "org/apache/http/impl/client/InternalHttpClient"},
    {"apache-httpclient5", "org/apache/hc/client5/http/impl/classic/InternalHttpClient"},
    {"grpc server", "io/grpc/internal/ServerImpl"},
    {"grpc client", "io/grpc/internal/ManagedChannelImpl"},
    {"postgresql", "org/postgresql/Driver"},
    {"mysql", "com/mysql/cj/jdbc/Driver"},
    {"mariadb", "org/mariadb/jdbc/Driver"},
    {"h2", "org/h2/Driver"},
    {"hsqldb", "org/hsqldb/jdbc/JDBCDriver"},
    {"derby", "org/apache/derby/jdbc/EmbeddedDriver"},
    {"sqlserver", "com/microsoft/sqlserver/jdbc/SQLServerDriver"},
    {"oracle", "oracle/jdbc/driver/OracleDriver"},
    {"sqlite", "org/sqlite/JDBC"},
    {"hikaricp", "com/zaxxer/hikari/HikariDataSource"},
    {"r2dbc", "io/r2dbc/spi/ConnectionFactories"},
    {"hibernate", "org/hibernate/internal/SessionFactoryImpl"},
    {"jedis", "redis/clients/jedis/Connection"},
    {"lettuce", "io/lettuce/core/RedisClient"},
    {"redisson", "org/redisson/Redisson"},
    {"mongodb", "com/mongodb/internal/connection/InternalStreamConnection"},
    {"cassandra", "com/datastax/oss/driver/api/core/CqlSession"},
    {"elasticsearch", "org/elasticsearch/client/RestClient"},
    {"opensearch", "org/opensearch/client/RestClient"},
    {"kafka producer", "org/apache/kafka/clients/producer/KafkaProducer"},
    {"kafka consumer", "org/apache/kafka/clients/consumer/KafkaConsumer"},
    {"rabbitmq", "com/rabbitmq/client/impl/ChannelN"},
    {"jms", "javax/jms/MessageProducer"},
    {"jakarta jms", "jakarta/jms/MessageProducer"},
    {"pulsar", "org/apache/pulsar/client/impl/PulsarClientImpl"},
    {"aws-sdk", "software/amazon/awssdk/core/SdkClient"},
    {"quartz", "org/quartz/core/JobRunShell"},
    {"graphql", "graphql/GraphQL"},
    {"logback", "ch/qos/logback/classic/Logger"},
    {"log4j", "org/apache/logging/log4j/core/Logger"},
    {"java.util.logging", "java/util/logging/Logger"},
  };

  private KnownLibraries() {}

  /** Internal class name to the library's name. */
  static Map<String, String> byClass() {
    Map<String, String> map = new HashMap<>();
    for (String[] row : TABLE) map.put(row[1], row[0]);
    return map;
  }
}
