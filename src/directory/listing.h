#pragma once
// Lists of resources over the domains of a view (RFC 7644 §3.4.2, RFC 9865).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "scim/resource/project.h"

namespace vestibule::directory {

/// A list request, already read from the query or from a SearchRequest.
struct ListRequest {
  std::string filter;                       ///< empty: no filter
  bool has_filter = false;                  ///< `filter=` without text is an error, not "all"
  std::optional<std::int64_t> start_index;  ///< below 1 means 1
  std::optional<std::int64_t> count;        ///< negative means 0; nothing: the largest page
  std::string sort_by;                      ///< empty: creation order
  bool descending = false;
  std::optional<std::string> cursor;  ///< empty: the first page; nothing: paging by index
};

/// A resource type that is listed, and what is shown of it.
struct ListedType {
  const scim::ResourceType* type = nullptr;
  scim::Projection projection;
};

/// The ListResponse text. Types, which are given by ascending kind, follow each other, then domains
/// in the order of the view, resources in creation order within each; with `sort_by` all are in one
/// order. Paged by index, totalResults is the exact sum. Errors kInvalidFilter, kInvalidValue
/// (`sortBy`; cursor and startIndex together), kSensitive (`sortBy` of what is never returned),
/// kInvalidCursor, kExpiredCursor, kInvalidCount, kTooMany (also for a page of more than
/// ServiceLimits::list_bytes), kUnavailable (a domain that cannot be read fails the whole list: a
/// partial one would look whole).
[[nodiscard]] Result<std::string> listResources(const Context& context, const View& view,
                                                const std::vector<ListedType>& types,
                                                const ListRequest& request);

}  // namespace vestibule::directory
