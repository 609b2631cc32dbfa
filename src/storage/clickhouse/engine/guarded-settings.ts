/**
 * Limits under which a user's own SELECT runs. The embedded engine sets them on its guarded sessions before readonly=1; a server gets them
 * with the request.
 */
export const guardedSettings: Readonly<Record<string, string>> = {
  max_execution_time: "30",
  timeout_overflow_mode: "throw",
  max_memory_usage: String(1024 ** 3),
  // One row more than is shown, so that a cut is noticed; "break" stops at the end of a block.
  max_result_rows: "10001",
  max_result_bytes: String(256 * 1024 * 1024),
  result_overflow_mode: "break",
  max_rows_to_read: "1000000000",
  max_ast_depth: "500",
  max_ast_elements: "20000",
  max_subquery_depth: "20",
  max_bytes_before_external_group_by: "0",
  max_bytes_before_external_sort: "0",
  allow_introspection_functions: "0",
  allow_ddl: "0",
  output_format_json_quote_64bit_integers: "1",
};
