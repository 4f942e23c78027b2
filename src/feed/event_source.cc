#include "feed/event_source.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "directory/stored_document.h"
#include "feed/security_event.h"
#include "scim/resource/project.h"
#include "scim/resource/render.h"
#include "store/change_text.h"
#include "store/group_store.h"
#include "store/resource_store.h"
#include "store/user_store.h"

namespace vestibule::feed {
namespace {

const scim::ResourceType* typeOf(const scim::Registry& registry, ResourceKind kind) {
  for (const auto& type : registry.resourceTypes()) {
    if (type->kind == kind) return type.get();
  }
  return nullptr;
}

Result<std::optional<store::StoredUser>> read(store::Session& session,
                                              const store::DomainTables& tables,
                                              const ResourceId& id) {
  if (id.kind() == ResourceKind::kUser) return store::findUser(session, tables, id, true);
  auto found = id.kind() == ResourceKind::kGroup ? store::findGroup(session, tables, id)
                                                 : store::findResource(session, tables, id);
  if (!found) return propagate(found);
  if (!*found) return std::optional<store::StoredUser>();
  store::StoredUser resource;
  resource.resource = **std::move(found);
  return std::optional(std::move(resource));
}

/// Whether the event has a part that a full one carries.
bool carriesValues(store::ChangeKinds kinds) {
  return store::has(kinds, store::ChangeKind::kCreate) ||
         store::has(kinds, store::ChangeKind::kPut) || store::has(kinds, store::ChangeKind::kPatch);
}

/// Whether all that changed is members of a group, which the event lists: nothing has to be read.
/// A user's deletion may be told by the events of thousands of groups.
bool isMembersAlone(const store::OutboxEvent& event) {
  if (event.kinds != store::bitOf(store::ChangeKind::kPatch)) return false;
  const auto change = store::readChange(event.attributes);
  return change.members && change.attributes == std::vector<std::string>{"members"};
}

}  // namespace

EventSource::EventSource(const directory::Context& context, EventNames names)
    : context_(context), names_(std::move(names)), keys_(context) {}

Result<json::Object> EventSource::claims(const directory::EventStream& stream,
                                         const store::Delivery& delivery) const {
  const store::OutboxEvent& event = delivery.event;
  EventFacts facts;
  facts.issuer = names_.issuer;
  facts.issued = now();
  facts.type = typeOf(*context_.registry, event.resource.kind());
  const auto catalog = context_.catalog->current();
  const auto* domain = catalog->findDomain(event.domain);
  if (!stream.full || facts.type == nullptr || domain == nullptr || !carriesValues(event.kinds)) {
    return securityEvent(stream, delivery, facts);
  }
  if (isMembersAlone(event)) {
    facts.resource.emplace();
    return securityEvent(stream, delivery, facts);
  }
  auto stored = context_.database->read(
      [&](store::Session& session) { return read(session, domain->tables(), event.resource); });
  if (!stored) return propagate(stored);
  if (!*stored) return securityEvent(stream, delivery, facts);
  auto attributes = directory::parseStored((*stored)->resource.document);
  if (!attributes) return propagate(attributes);
  // A stream of one domain is a view of that domain: bare names, its own base.
  const bool bare = !stream.all_domains && stream.domains.size() == 1;
  std::string base = names_.public_url;
  if (!base.empty()) base += bare ? "/domains/" + domain->name().value() + "/scim/v2" : "/scim/v2";
  const std::string prefix = bare ? std::string() : domain->naming_prefix;
  auto groups = scim::groupsArray((*stored)->groups, base, prefix, *context_.group_type);
  facts.resource = scim::Projection().apply(
      *facts.type,
      scim::completeResource(*facts.type, *std::move(attributes), (*stored)->resource.meta, base,
                             prefix, std::move(groups)));
  return securityEvent(stream, delivery, facts);
}

Result<std::string> EventSource::token(const directory::EventStream& stream,
                                       const store::Delivery& delivery) {
  auto ring = keys_.current();
  if (!ring) return propagate(ring);
  auto event = claims(stream, delivery);
  if (!event) return propagate(event);
  return (*ring)->signing(now()).sign(*event, kTokenType);
}

}  // namespace vestibule::feed
