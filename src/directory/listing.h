#pragma once
// Lists of users and groups over the domains of a view (RFC 7644 §3.4.2).

#include <cstdint>
#include <optional>
#include <string>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "scim/resource/project.h"

namespace vestibule::directory {

/// A list request, already read from the query.
struct ListRequest {
  std::string filter;                 ///< empty: no filter
  bool has_filter = false;            ///< `filter=` without text is an error, not "all"
  std::int64_t start_index = 1;       ///< below 1 means 1
  std::optional<std::int64_t> count;  ///< negative means 0; nothing: the largest page
};

/// The ListResponse text. Domains follow each other in the order of the view, resources in creation
/// order within each; totalResults is the exact sum. Errors kInvalidFilter, kTooMany (also for
/// a page of more than ServiceLimits::list_bytes), kUnavailable (a domain that cannot be read fails
/// the whole list: a partial one would look whole).
[[nodiscard]] Result<std::string> listResources(const Context& context, const View& view,
                                                ResourceKind kind, const ListRequest& request,
                                                const scim::Projection& projection);

}  // namespace vestibule::directory
