#pragma once
// Which resources are on a page of a list over several resource types and domains.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/list_cursor.h"
#include "scim/filter/filter.h"
#include "scim/schema/registry.h"
#include "store/user_store.h"

namespace vestibule::directory {

/// The resources of one type in one domain.
struct ListSource {
  const scim::ResourceType* type = nullptr;
  ResourceKind kind = ResourceKind::kUser;
  const Domain* domain = nullptr;
  std::optional<scim::BoundFilter> filter;  ///< as the domain understands it
  scim::AttributeRef by;  ///< of a sorted list; without an attribute nobody has a value
  bool with_groups = false;
};

/// What is asked for.
struct ListWalk {
  std::vector<ListSource> sources;  ///< by kind, then by the domain's number
  bool sorted = false;              ///< else one source after the other, in creation order
  bool descending = false;
  bool by_cursor = false;  ///< then `after` counts, else `skip`
  std::uint64_t skip = 0;
  std::optional<ListPlace> after;
  std::uint64_t count = 0;
};

/// One resource of the page.
struct Listed {
  const ListSource* source = nullptr;
  store::StoredUser resource;  ///< for all but users, `groups` is empty
};

struct ListPage {
  /// Of all that match, whatever the page. By cursor, only for the first page, and only where it
  /// can be had without reading every resource.
  std::optional<std::uint64_t> total;
  std::vector<Listed> resources;
  /// By cursor: behind what the next page begins; nothing when this is the last.
  std::optional<ListPlace> next;
};

/// Reads the page. Errors kTooMany (see store/search.h and store/ordered_search.h; and a page deep
/// in a sorted list over several sources), kUnavailable: a domain that cannot be read fails the
/// whole list, since a partial one would look whole.
[[nodiscard]] Result<ListPage> readListPage(const Context& context, const View& view,
                                            const ListWalk& walk);

}  // namespace vestibule::directory
