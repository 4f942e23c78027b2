#include "directory/listing.h"

#include <algorithm>

#include "directory/group_members.h"
#include "directory/local_filter.h"
#include "directory/users.h"
#include "scim/filter/filter.h"
#include "scim/message.h"
#include "scim/resource/render.h"
#include "store/search.h"

namespace vestibule::directory {
namespace {

scim::AttributeRef relationRef(const scim::ResourceType& type) {
  scim::AttributeRef ref;
  ref.schema = type.schema;
  ref.attribute = scim::relationOf(type);
  return ref;
}

tl::unexpected<Error> pageTooLarge(const scim::ResourceType& type, std::size_t bytes) {
  const std::string relation = scim::relationOf(type)->name;
  return failure(ErrorKind::kTooMany, "the page would be larger than " + std::to_string(bytes) +
                                          " bytes: ask with excludedAttributes=" + relation +
                                          " or a smaller count");
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
  std::size_t bytes_left = context.limits.list_bytes;
  for (const auto* domain : view.domains()) {
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
    search.base_url = view.baseUrl();
    std::optional<scim::BoundFilter> local;
    if (filter) {
      local = localFilter(type, *filter, view, *domain);
      search.filter = &*local;
    }
    auto page = context.database->read(
        [&](store::Session& session) { return store::search(session, domain->tables(), search); });
    if (!page) return propagate(page);
    total += page->total;
    for (const auto& resource : page->resources) {
      auto rendered =
          kind == ResourceKind::kUser
              ? renderUser(context, view, *domain, resource, projection)
              : renderGroup(context, view, *domain, resource.resource, projection, bytes_left);
      if (!rendered && rendered.error().kind != ErrorKind::kTooMany) return propagate(rendered);
      if (!rendered || rendered->body.size() > bytes_left) {
        return pageTooLarge(type, context.limits.list_bytes);
      }
      bytes_left -= rendered->body.size();
      resources.push_back(std::move(rendered->body));
    }
  }
  return scim::listResponse(total, start, resources);
}

}  // namespace vestibule::directory
