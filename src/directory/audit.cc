#include "directory/audit.h"

#include <charconv>

#include "base/clock.h"
#include "base/encoding.h"
#include "json/parse.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kNumberBytes = 8;

tl::unexpected<Error> wrong(std::string attribute, std::string detail) {
  return failure(ErrorKind::kInvalidValue, std::move(detail), std::move(attribute));
}

void appendNumber(std::string& bytes, std::uint64_t number) {
  for (std::size_t i = kNumberBytes; i-- > 0;) {
    bytes += static_cast<char>((number >> (8 * i)) & 0xFFU);
  }
}

std::uint64_t numberAt(std::string_view bytes, std::size_t from) {
  std::uint64_t number = 0;
  for (const char c : bytes.substr(from, kNumberBytes)) {
    number = (number << 8U) | static_cast<unsigned char>(c);
  }
  return number;
}

std::string cursorOf(const store::AuditPosition& position) {
  std::string bytes;
  appendNumber(bytes, static_cast<std::uint64_t>(position.occurred));
  appendNumber(bytes, position.seq);
  return toBase64Url(bytes);
}

Result<store::AuditPosition> positionOf(const std::string& cursor) {
  const auto bytes = fromBase64Url(cursor);
  if (!bytes || bytes->size() != 2 * kNumberBytes) {
    return failure(ErrorKind::kInvalidCursor, "the cursor is not one of this list", "cursor");
  }
  return store::AuditPosition{static_cast<Timestamp>(numberAt(*bytes, 0)),
                              numberAt(*bytes, kNumberBytes)};
}

Result<std::uint64_t> countOf(const std::optional<std::string>& text) {
  if (!text) return kUsualAuditEvents;
  std::uint64_t count = 0;
  const char* last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, count);
  if (error != std::errc() || end != last || count == 0 || count > kMostAuditEvents) {
    return wrong("count", "count is a number from 1 to " + std::to_string(kMostAuditEvents));
  }
  return count;
}

Result<std::optional<Timestamp>> momentOf(const std::optional<std::string>& text,
                                          const std::string& name) {
  if (!text) return std::optional<Timestamp>();
  const auto moment = parseTimestamp(*text);
  if (!moment) return wrong(name, name + " is a date and time, as 2027-01-31T12:00:00Z");
  return moment;
}

Result<store::AuditQuery> queryOf(const AuditFilter& filter) {
  store::AuditQuery query;
  query.correlation_id = filter.correlation_id;
  if (filter.user) {
    query.resource = ResourceId::parse(*filter.user);
    if (!query.resource || query.resource->kind() != ResourceKind::kUser) {
      return wrong("user", "user is the id of a user");
    }
  }
  if (filter.resource) {
    if (filter.user) return wrong("resource", "either user or resource");
    query.resource = ResourceId::parse(*filter.resource);
    if (!query.resource) return wrong("resource", "resource is the id of a resource");
  }
  query.identity_provider = filter.identity_provider.value_or("");
  if (filter.identity_provider && query.identity_provider.empty()) {
    return wrong("identityProvider", "identityProvider is the name of one");
  }
  if (filter.subject) {
    if (!filter.identity_provider) {
      return wrong("subject", "a subject is one of an identity provider: name that as well");
    }
    query.subject = Subject(*filter.subject);
  }
  query.action = filter.action.value_or("");
  auto from = momentOf(filter.from, "from");
  if (!from) return propagate(from);
  query.from = from->value_or(0);
  auto until = momentOf(filter.to, "to");
  if (!until) return propagate(until);
  query.until = *until;
  auto count = countOf(filter.count);
  if (!count) return propagate(count);
  query.count = *count;
  if (filter.cursor) {
    auto position = positionOf(*filter.cursor);
    if (!position) return propagate(position);
    query.after = *position;
  }
  return query;
}

Result<store::AuditPage> find(const Context& context, const store::AuditQuery& query) {
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::findAuditEvents(session, database.controlSchema(), query);
  });
}

json::Value namesOf(const std::vector<std::string>& names) {
  return json::Value(json::Array(names.begin(), names.end()));
}

}  // namespace

Result<AuditList> listAudit(const Context& context, const AuditFilter& filter) {
  auto query = queryOf(filter);
  if (!query) return propagate(query);
  auto page = find(context, *query);
  if (!page) return propagate(page);
  AuditList list{std::move(page->events), {}};
  if (page->next) list.cursor = cursorOf(*page->next);
  return list;
}

Result<std::vector<store::AuditEvent>> auditOfRequest(const Context& context,
                                                      std::string_view correlation_id,
                                                      std::uint64_t count) {
  store::AuditQuery query;
  query.correlation_id = std::string(correlation_id);
  query.count = count;
  query.traces = true;
  auto page = find(context, query);
  if (!page) return propagate(page);
  return std::move(page->events);
}

bool maySee(const Principal& principal, const store::AuditEvent& event) {
  if (principal.all_domains) return true;
  if (event.domain) return principal.sees(event.domain->number);
  return event.actor_id == principal.token_id;
}

json::Object describeAuditEvent(const store::AuditEvent& event) {
  json::Object shown;
  const auto set = [&](std::string_view key, const std::string& text) {
    if (!text.empty()) shown.set(key, text);
  };
  shown.set("at", formatTimestamp(event.occurred));
  set("correlationId", event.correlation_id);
  shown.set("action", event.action);
  shown.set("actor", json::Object{{"id", event.actor_id}, {"name", event.actor_name}});
  set("identityProvider", event.identity_provider);
  set("subject", event.subject.value());
  if (event.domain) shown.set("domain", event.domain->name.value());
  if (event.resource) {
    const bool is_user = event.resource->kind() == ResourceKind::kUser;
    shown.set(is_user ? "user" : "resource", event.resource->text());
  }
  set("target", event.target);
  if (event.version_before) shown.set("versionBefore", event.version_before->value());
  if (event.version_after) shown.set("versionAfter", event.version_after->value());
  set("code", event.code);
  if (!event.attributes.empty()) shown.set("attributes", namesOf(event.attributes));
  if (!event.granted.empty()) shown.set("granted", namesOf(event.granted));
  if (!event.revoked.empty()) shown.set("revoked", namesOf(event.revoked));
  if (!event.trace.empty()) {
    auto trace = json::parse(event.trace);
    if (trace) shown.set("trace", *std::move(trace));
  }
  return shown;
}

}  // namespace vestibule::directory
