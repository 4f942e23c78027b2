#include "directory/announcement.h"

#include "directory/self_service.h"
#include "directory/stored_document.h"

namespace vestibule::directory {
namespace {

/// What the streams want to know of the change; false when that is nothing about the resource.
bool begin(const Catalog& catalog, store::ChangeKinds kinds, store::AuditEvent& event) {
  event.announcement.reset();
  if (!event.domain || !event.resource) return false;
  const DomainNumber domain = event.domain->number;
  const bool wanted = catalog.wantsEvents(domain, kinds);
  const bool groups = catalog.wantsEvents(domain, bitOf(store::ChangeKind::kPatch));
  if (!wanted && !groups) return false;
  event.announcement.emplace();
  if (wanted) event.announcement->kinds = kinds;
  event.announcement->tells_groups = groups;
  return wanted;
}

void note(const json::Object& attributes, store::Announcement& announcement) {
  const auto* external = attributes.find("externalId");
  if (external != nullptr && external->isString() &&
      external->string()->size() <= store::kMostExternalIdBytes) {
    announcement.external_id = *external->string();
  }
}

}  // namespace

void announce(const Catalog& catalog, store::ChangeKinds kinds, const json::Object& attributes,
              store::AuditEvent& event) {
  if (begin(catalog, kinds, event)) note(attributes, *event.announcement);
}

void announceStored(const Catalog& catalog, store::ChangeKinds kinds, std::string_view document,
                    store::AuditEvent& event) {
  if (!begin(catalog, kinds, event)) return;
  const auto attributes = parseStored(document);
  if (attributes) note(*attributes, *event.announcement);
}

store::ChangeKinds withActivation(store::ChangeKinds kinds, const json::Object& before,
                                  const json::Object& after) {
  const bool was = isActive(before);
  const bool is = isActive(after);
  if (was == is) return kinds;
  return kinds | store::bitOf(is ? store::ChangeKind::kActivate : store::ChangeKind::kDeactivate);
}

}  // namespace vestibule::directory
