#pragma once
// A BulkRequest message (RFC 7644 §3.7) as operations.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

enum class BulkMethod : std::uint8_t { kPost, kPut, kPatch, kDelete };

/// The method's name on the wire.
[[nodiscard]] std::string_view nameOf(BulkMethod method);

/// One operation. What it asks of a resource has not been looked at.
struct BulkOperation {
  BulkMethod method = BulkMethod::kPost;
  std::string bulk_id;                 ///< empty: none, which a POST never has
  std::optional<std::string> version;  ///< the entity tag as it was sent
  const ResourceType* type = nullptr;  ///< null when `path` names no endpoint of resources
  std::string id;                      ///< from `path`; may be `bulkId:…`; empty for a POST
  json::Value data;                    ///< null for a DELETE
  /// Why the operation cannot be run whatever the other ones do: `path` leads nowhere.
  std::optional<Error> fault;
};

/// A BulkRequest message (RFC 7644 §3.7).
struct BulkRequest {
  /// The number of errors at which to stop; nothing: run everything.
  std::optional<std::uint64_t> fail_on_errors;
  std::vector<BulkOperation> operations;
};

/// Reads a BulkRequest. What is wrong with the message refuses all of it, before any work:
/// kInvalidSyntax (no BulkRequest schema, no operations, a member missing or of the wrong type, an
/// unknown method), kInvalidValue (failOnErrors below zero, a bulkId twice), kPayloadTooLarge (more
/// than `max_operations`). What is wrong with one `path` is the fault of that operation alone:
/// kNotFound for an endpoint that is not there, kInvalidValue for one that does not go with the
/// method, an address with a host, and /Bulk itself. Methods have no case; `path` may lack its
/// leading slash. `failOnErrors: 0` stands for none, as clients that always send the member mean
/// it.
[[nodiscard]] Result<BulkRequest> parseBulk(const Registry& registry, json::Value body,
                                            std::uint64_t max_operations);

}  // namespace vestibule::scim
