#pragma once
// What a list or search asks for: in the query (RFC 7644 §3.4.2) or in a SearchRequest (§3.4.3).

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/listing.h"
#include "http/exchange.h"
#include "json/value.h"

namespace vestibule::http {

/// `filter`, `sortBy`, `sortOrder`, `startIndex`, `count` and `cursor` of the query. Error
/// kInvalidValue for a number that is none and for another order than `ascending` or `descending`;
/// an unknown parameter is ignored.
[[nodiscard]] Result<directory::ListRequest> readListRequest(const Request& request);

/// A SearchRequest as it was sent.
struct SearchRequest {
  directory::ListRequest list;
  std::vector<std::string> attributes;
  std::vector<std::string> excluded_attributes;
  std::optional<std::string> domain;  ///< of ours: look into this one only
};

/// Reads a SearchRequest message. Error kInvalidSyntax for one without its schema, kInvalidValue
/// for a member of another type, and as readListRequest. Unknown members are ignored.
[[nodiscard]] Result<SearchRequest> readSearchRequest(const json::Value& body);

}  // namespace vestibule::http
