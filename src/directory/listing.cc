#include "directory/listing.h"

#include <algorithm>
#include <variant>

#include "base/unicode.h"
#include "directory/group_members.h"
#include "directory/users.h"
#include "scim/filter/filter.h"
#include "scim/message.h"
#include "scim/resource/render.h"
#include "store/search.h"

namespace vestibule::directory {
namespace {

bool isNaming(const scim::ResourceType& type, const scim::AttributeRef& ref) {
  return ref.attribute == type.naming_attribute && ref.sub == nullptr;
}

/// The filter as one domain of several understands it: `userName eq "CORP/bob"` is `userName eq
/// "bob"` in CORP and nothing anywhere else.
scim::BoundFilter localFilter(const scim::ResourceType& type, const scim::BoundFilter& filter,
                              const View& view, const Domain& domain,
                              const std::vector<const Domain*>& all) {
  scim::BoundFilter local = filter;
  const std::string own = lowerAscii(view.namingPrefix(domain));
  for (auto& node : local.nodes) {
    auto* comparison = std::get_if<scim::Comparison>(&node);
    if (comparison == nullptr || !isNaming(type, comparison->attribute)) continue;
    const bool equality =
        comparison->op == scim::CompareOp::kEq || comparison->op == scim::CompareOp::kNe;
    if (!equality) continue;  // other operators are evaluated on the name as it is shown
    bool elsewhere = false;
    if (!own.empty()) {
      elsewhere = comparison->key.compare(0, own.size(), own) != 0;
      if (!elsewhere) comparison->key.erase(0, own.size());
    } else {
      elsewhere = std::any_of(all.begin(), all.end(), [&](const Domain* other) {
        const std::string prefix = lowerAscii(view.namingPrefix(*other));
        return !prefix.empty() && comparison->key.compare(0, prefix.size(), prefix) == 0;
      });
    }
    if (!elsewhere) continue;
    // Nobody here has that name. An empty `or` is false; an empty `and` is true.
    if (comparison->op == scim::CompareOp::kEq) {
      node = scim::Or{};
    } else {
      node = scim::And{};
    }
  }
  return local;
}

scim::AttributeRef relationRef(const scim::ResourceType& type) {
  scim::AttributeRef ref;
  ref.schema = type.schema;
  ref.attribute = scim::relationOf(type);
  return ref;
}

}  // namespace

Result<std::string> listResources(const Context& context, const View& view, ResourceKind kind,
                                  const ListRequest& request, const scim::Projection& projection) {
  const auto& type = kind == ResourceKind::kUser ? *context.user_type : *context.group_type;
  std::optional<scim::BoundFilter> filter;
  if (request.has_filter) {
    auto parsed = scim::parseFilter(*context.registry, type, request.filter);
    if (!parsed) return propagate(parsed);
    filter = *std::move(parsed);
  }
  const std::uint64_t largest = context.limits.max_results;
  const std::uint64_t count =
      request.count
          ? std::min<std::uint64_t>(
                static_cast<std::uint64_t>(std::max<std::int64_t>(*request.count, 0)), largest)
          : largest;
  const auto start = static_cast<std::uint64_t>(std::max<std::int64_t>(request.start_index, 1));

  std::uint64_t total = 0;
  std::vector<std::string> resources;
  const auto domains = view.domains();
  for (const auto* domain : domains) {
    store::SearchRequest search;
    search.registry = context.registry.get();
    search.type = &type;
    search.kind = kind;
    // `total` resources of earlier domains stand before this domain's first.
    search.skip = start - 1 > total ? start - 1 - total : 0;
    search.count = count - resources.size();
    search.scan_limit = context.limits.scan_limit;
    search.with_groups = kind == ResourceKind::kUser && projection.shows(relationRef(type));
    search.naming_prefix = view.namingPrefix(*domain);
    std::optional<scim::BoundFilter> local;
    if (filter) {
      local = localFilter(type, *filter, view, *domain, domains);
      search.filter = &*local;
    }
    auto page = context.database->read(
        [&](store::Session& session) { return store::search(session, domain->tables(), search); });
    if (!page) return propagate(page);
    total += page->total;
    for (const auto& resource : page->resources) {
      if (kind == ResourceKind::kUser) {
        resources.push_back(renderUser(context, view, *domain, resource, projection).body);
        continue;
      }
      auto rendered = renderGroup(context, view, *domain, resource.resource, projection);
      if (!rendered) return propagate(rendered);
      resources.push_back(std::move(rendered->body));
    }
  }
  return scim::listResponse(total, start, resources);
}

}  // namespace vestibule::directory
