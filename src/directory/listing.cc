#include "directory/listing.h"

#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "directory/group_text.h"
#include "directory/list_cursor.h"
#include "directory/list_walk.h"
#include "directory/local_filter.h"
#include "directory/resources.h"
#include "directory/users.h"
#include "scim/filter/filter.h"
#include "scim/message.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/render.h"

namespace vestibule::directory {
namespace {

scim::AttributeRef relationRef(const scim::ResourceType& type) {
  scim::AttributeRef ref;
  ref.schema = type.schema;
  ref.attribute = scim::relationOf(type);
  return ref;
}

tl::unexpected<Error> pageTooLarge(const scim::ResourceType& type, std::size_t bytes) {
  const auto* relation = scim::relationOf(type);
  return failure(ErrorKind::kTooMany,
                 "the page would be larger than " + std::to_string(bytes) + " bytes: ask with " +
                     (relation != nullptr ? "excludedAttributes=" + relation->name + " or " : "") +
                     "a smaller count");
}

/// The filter for each type. An attribute that some type has and another has not is nobody's there;
/// one that no type has is an error.
Result<std::vector<scim::BoundFilter>> filtersOf(const Context& context, const View& view,
                                                 const std::vector<ListedType>& types,
                                                 const std::string& text) {
  std::vector<scim::BoundFilter> filters;
  if (types.size() == 1) {
    auto filter =
        scim::parseFilter(*context.registry, *types.front().type, text, {}, view.tolerating());
    if (!filter) return propagate(filter);
    filters.push_back(*std::move(filter));
    return filters;
  }
  std::optional<std::set<std::string>> unknown_to_all;
  for (const auto& type : types) {
    std::vector<std::string> unknown;
    auto filter = scim::parseFilterOfSeveral(*context.registry, *type.type, text, unknown, {},
                                             view.tolerating());
    if (!filter) return propagate(filter);
    filters.push_back(*std::move(filter));
    const std::set<std::string> here(unknown.begin(), unknown.end());
    if (!unknown_to_all) {
      unknown_to_all = here;
    } else {
      std::erase_if(*unknown_to_all, [&](const std::string& path) { return !here.contains(path); });
    }
  }
  if (unknown_to_all && !unknown_to_all->empty()) {
    return failure(ErrorKind::kInvalidFilter,
                   "no resource type has the attribute '" + *unknown_to_all->begin() + "'");
  }
  return filters;
}

/// `sortBy` for one type (RFC 7644 §3.4.2.3). A complex attribute is sorted by its `value`.
Result<scim::AttributeRef> sortAttribute(const Context& context, const scim::ResourceType& type,
                                         const std::string& path) {
  auto ref = scim::resolveAttribute(*context.registry, type, path, ErrorKind::kInvalidValue);
  if (!ref) {
    ref.error().attribute = "sortBy";
    return ref;
  }
  if (ref->target().type == scim::AttributeType::kComplex) {
    ref->sub = ref->attribute->findSub("value");
    if (ref->sub == nullptr) {
      return failure(ErrorKind::kInvalidValue,
                     "sortBy names a complex attribute: name a part of it", "sortBy");
    }
  }
  for (const auto* attribute : {ref->attribute, &ref->target()}) {
    if (attribute->returned == scim::Returned::kNever ||
        attribute->mutability == scim::Mutability::kWriteOnly) {
      return failure(ErrorKind::kSensitive,
                     "'" + ref->text() + "' is never shown, not even by order", "sortBy");
    }
  }
  if (ref->attribute->relation) {
    return failure(ErrorKind::kInvalidValue, "resources cannot be sorted by '" + ref->text() + "'",
                   "sortBy");
  }
  return ref;
}

/// `sortBy` for each type; without an attribute where a type does not have it.
Result<std::vector<scim::AttributeRef>> sortAttributes(const Context& context,
                                                       const std::vector<ListedType>& types,
                                                       const std::string& path) {
  std::vector<scim::AttributeRef> attributes;
  std::optional<Error> missing;
  for (const auto& type : types) {
    auto ref = sortAttribute(context, *type.type, path);
    if (!ref && ref.error().kind == ErrorKind::kSensitive) return propagate(ref);
    if (!ref) missing = std::move(ref.error());
    attributes.push_back(ref ? *ref : scim::AttributeRef());
  }
  const bool known = std::any_of(attributes.begin(), attributes.end(),
                                 [](const auto& ref) { return ref.attribute != nullptr; });
  if (!known && missing) return tl::make_unexpected(*std::move(missing));
  return attributes;
}

/// Every type in every domain.
Result<std::vector<ListSource>> sourcesOf(const Context& context, const View& view,
                                          const std::vector<ListedType>& types,
                                          const ListRequest& request) {
  std::vector<scim::BoundFilter> filters;
  if (request.has_filter) {
    auto parsed = filtersOf(context, view, types, request.filter);
    if (!parsed) return propagate(parsed);
    filters = *std::move(parsed);
  }
  std::vector<scim::AttributeRef> orders(types.size());
  if (!request.sort_by.empty()) {
    auto found = sortAttributes(context, types, request.sort_by);
    if (!found) return propagate(found);
    orders = *std::move(found);
  }
  std::vector<ListSource> sources;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto& type = *types[i].type;
    for (const auto* domain : view.domains()) {
      ListSource source;
      source.type = &type;
      source.kind = type.kind;
      source.domain = domain;
      if (request.has_filter) source.filter = localFilter(type, filters[i], view, *domain);
      source.by = orders[i];
      source.with_groups =
          source.kind == ResourceKind::kUser && types[i].projection.shows(relationRef(type));
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

/// All that has to stay the same from page to page, but for the count.
std::string queryDigest(const View& view, const std::vector<ListSource>& sources,
                        const ListRequest& request) {
  std::string query;
  const auto add = [&](std::string_view part) {
    query += std::to_string(part.size());
    query += ':';
    query += part;
  };
  add(view.baseUrl());
  for (const auto& source : sources) {
    add(source.type->id);
    add(std::to_string(source.domain->tables().number.value()));
  }
  add(request.has_filter ? "filter" : "");
  add(request.filter);
  add(request.sort_by);
  add(request.descending ? "descending" : "ascending");
  return sha256(query);
}

Result<std::uint64_t> pageSize(const Context& context, const ListRequest& request,
                               const std::optional<ListCursor>& cursor) {
  const std::uint64_t largest = context.limits.max_results;
  if (!request.cursor) {
    if (!request.count) return largest;
    return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(*request.count, 0)), largest);
  }
  if (!request.count) return cursor ? cursor->count : largest;
  if (*request.count < 0 || static_cast<std::uint64_t>(*request.count) > largest) {
    return failure(ErrorKind::kInvalidCount, "count is from 0 to " + std::to_string(largest),
                   "count");
  }
  const auto count = static_cast<std::uint64_t>(*request.count);
  if (cursor && cursor->count != count) {
    return failure(ErrorKind::kInvalidCount,
                   "count was " + std::to_string(cursor->count) + " on the first page", "count");
  }
  return count;
}

Result<Rendered> wholeGroup(GroupText text, std::size_t most_bytes) {
  Rendered rendered;
  while (!text.done()) {
    auto piece = text.next();
    if (!piece) return propagate(piece);
    rendered.body += *piece;
    if (rendered.body.size() > most_bytes) {
      return failure(ErrorKind::kTooMany, "the group has too many members", "members");
    }
  }
  return rendered;
}

Result<Rendered> renderListed(const Context& context, const View& view, const ListSource& source,
                              const store::StoredUser& found, const scim::Projection& projection,
                              std::size_t bytes_left) {
  switch (source.kind) {
    case ResourceKind::kUser:
      return renderUser(context, view, *source.domain, found, projection);
    case ResourceKind::kGroup:
      return wholeGroup(GroupText(context, view, *source.domain, found.resource, projection),
                        bytes_left);
  }
  return renderResource(view, *source.type, *source.domain, found.resource, projection);
}

Result<std::vector<std::string>> renderPage(const Context& context, const View& view,
                                            const std::vector<ListedType>& types,
                                            const ListPage& page) {
  std::vector<std::string> resources;
  resources.reserve(page.resources.size());
  std::size_t bytes_left = context.limits.list_bytes;
  for (const auto& [source, resource] : page.resources) {
    const auto listed =
        std::find_if(types.begin(), types.end(),
                     [type = source->type](const ListedType& each) { return each.type == type; });
    auto rendered = renderListed(context, view, *source, resource, listed->projection, bytes_left);
    if (!rendered && rendered.error().kind != ErrorKind::kTooMany) return propagate(rendered);
    if (!rendered || rendered->body.size() > bytes_left) {
      return pageTooLarge(*source->type, context.limits.list_bytes);
    }
    bytes_left -= rendered->body.size();
    resources.push_back(std::move(rendered->body));
  }
  return resources;
}

}  // namespace

Result<std::string> listResources(const Context& context, const View& view,
                                  const std::vector<ListedType>& types,
                                  const ListRequest& request) {
  if (request.cursor && request.start_index) {
    return failure(ErrorKind::kInvalidValue, "a list is paged by cursor or by startIndex, not both",
                   "startIndex");
  }
  auto sources = sourcesOf(context, view, types, request);
  if (!sources) return propagate(sources);
  ListWalk walk;
  walk.sources = *std::move(sources);
  walk.sorted = !request.sort_by.empty();
  walk.descending = request.descending;

  std::optional<ListCursor> cursor;
  std::string query;
  if (request.cursor) {
    walk.by_cursor = true;
    query = queryDigest(view, walk.sources, request);
    if (!request.cursor->empty()) {
      auto opened = context.cursor_seal->open(*request.cursor, query, now());
      if (!opened) return propagate(opened);
      cursor = *std::move(opened);
      walk.after = cursor->place;
    }
  }
  auto count = pageSize(context, request, cursor);
  if (!count) return propagate(count);
  walk.count = *count;
  const auto start =
      static_cast<std::uint64_t>(std::max<std::int64_t>(request.start_index.value_or(1), 1));
  walk.skip = start - 1;

  auto page = readListPage(context, view, walk);
  if (!page) return propagate(page);
  auto resources = renderPage(context, view, types, *page);
  if (!resources) return propagate(resources);
  scim::ListHead head;
  head.total = cursor ? cursor->total : page->total;
  if (!request.cursor) head.start_index = start;
  if (page->next) {
    head.next_cursor =
        context.cursor_seal->seal({*std::move(page->next), *count, head.total}, query, now());
  }
  return scim::listResponse(head, *resources);
}

}  // namespace vestibule::directory
