#pragma once
// Lists and filters (RFC 7644 §3.4.2): the indexed part of a filter goes to SQL, the rest is
// evaluated on at most `scan_limit` rows.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "scim/filter/filter.h"
#include "scim/schema/registry.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/user_store.h"

namespace vestibule::store {

/// One page of one domain.
struct SearchRequest {
  const scim::Registry* registry = nullptr;
  const scim::ResourceType* type = nullptr;
  ResourceKind kind = ResourceKind::kUser;
  const scim::BoundFilter* filter = nullptr;  ///< null: all
  std::uint64_t skip = 0;                     ///< resources of the order before the page
  std::uint64_t after =
      0;  ///< only resources behind this row number (cursor paging); 0: from the start
  bool with_total = true;             ///< false: `total` is not needed, which saves counting
  std::uint64_t count = 0;            ///< 0: only the total
  std::uint64_t scan_limit = 10'000;  ///< rows that may be read beyond what an index serves
  bool with_groups = false;           ///< users: fill `groups`
  /// The naming attribute's value is shown, and compared by other operators than `eq` and `ne`,
  /// with this in front (`CORP/`). The literals of `eq` and `ne` come without it.
  std::string naming_prefix;
  /// The base URL of `meta.location` and every `$ref`, for filters that compare them.
  std::string base_url;
};

/// Resources in creation order, with the exact number of all that match.
struct SearchPage {
  std::uint64_t total = 0;  ///< of all that match, whatever `after` is; 0 without `with_total`
  std::vector<StoredUser> resources;  ///< for groups, `groups` is empty
  std::vector<std::uint64_t> rows;  ///< their row numbers; the last one is `after` of the next page
};

/// Runs the search. Indexed are: `id`, `groups.value` and `members.value` by `eq`; the naming
/// attribute, `externalId`, attributes with an index number and the dates of `meta` by `eq`, `sw`,
/// `gt`, `ge`, `lt` and `le`; an `or` of nothing but `eq` and `sw` of these; and any `and` that has
/// one of all these. Error kTooMany when more than `scan_limit` rows would have to be read to
/// answer truthfully.
[[nodiscard]] Result<SearchPage> search(Session& session, const DomainTables& domain,
                                        const SearchRequest& request);

/// True when the total of the search comes from an index, without reading resources.
[[nodiscard]] bool isCountedByIndex(const DomainTables& domain, const SearchRequest& request);

}  // namespace vestibule::store
