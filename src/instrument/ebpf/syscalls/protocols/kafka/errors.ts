/** Names of Kafka's error codes (kafka.apache.org, "Error Codes") that may answer Produce and Fetch. */
const names: ReadonlyMap<number, string> = new Map([
  [-1, "UNKNOWN_SERVER_ERROR"],
  [1, "OFFSET_OUT_OF_RANGE"],
  [2, "CORRUPT_MESSAGE"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION"],
  [5, "LEADER_NOT_AVAILABLE"],
  [6, "NOT_LEADER_OR_FOLLOWER"],
  [7, "REQUEST_TIMED_OUT"],
  [8, "BROKER_NOT_AVAILABLE"],
  [9, "REPLICA_NOT_AVAILABLE"],
  [10, "MESSAGE_TOO_LARGE"],
  [13, "NETWORK_EXCEPTION"],
  [17, "INVALID_TOPIC_EXCEPTION"],
  [18, "RECORD_LIST_TOO_LARGE"],
  [19, "NOT_ENOUGH_REPLICAS"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"],
  [21, "INVALID_REQUIRED_ACKS"],
  [29, "TOPIC_AUTHORIZATION_FAILED"],
  [31, "CLUSTER_AUTHORIZATION_FAILED"],
  [32, "INVALID_TIMESTAMP"],
  [35, "UNSUPPORTED_VERSION"],
  [44, "POLICY_VIOLATION"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER"],
  [46, "DUPLICATE_SEQUENCE_NUMBER"],
  [47, "INVALID_PRODUCER_EPOCH"],
  [48, "INVALID_TXN_STATE"],
  [56, "KAFKA_STORAGE_ERROR"],
  [59, "UNKNOWN_PRODUCER_ID"],
  [70, "FETCH_SESSION_ID_NOT_FOUND"],
  [71, "INVALID_FETCH_SESSION_EPOCH"],
  [74, "FENCED_LEADER_EPOCH"],
  [75, "UNKNOWN_LEADER_EPOCH"],
  [76, "UNSUPPORTED_COMPRESSION_TYPE"],
  [87, "INVALID_RECORD"],
  [90, "PRODUCER_FENCED"],
  [100, "UNKNOWN_TOPIC_ID"],
  [103, "INCONSISTENT_TOPIC_ID"],
]);

/** "" for 0; the number of a code that has no name here. */
export function errorName(code: number): string {
  return code === 0 ? "" : (names.get(code) ?? String(code));
}
