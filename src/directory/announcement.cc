#include "directory/announcement.h"

#include "directory/self_service.h"
#include "directory/stored_document.h"

namespace vestibule::directory {
namespace {

bool isWanted(const Catalog& catalog, store::ChangeKinds kinds, const store::AuditEvent& event) {
  return event.domain && event.resource && catalog.wantsEvents(event.domain->number, kinds);
}

}  // namespace

void announce(const Catalog& catalog, store::ChangeKinds kinds, const json::Object& attributes,
              store::AuditEvent& event) {
  event.announcement.reset();
  if (!isWanted(catalog, kinds, event)) return;
  store::Announcement announcement{kinds};
  const auto* external = attributes.find("externalId");
  if (external != nullptr && external->isString() &&
      external->string()->size() <= store::kMostExternalIdBytes) {
    announcement.external_id = *external->string();
  }
  event.announcement = std::move(announcement);
}

void announceStored(const Catalog& catalog, store::ChangeKinds kinds, std::string_view document,
                    store::AuditEvent& event) {
  event.announcement.reset();
  if (!isWanted(catalog, kinds, event)) return;
  const auto attributes = parseStored(document);
  announce(catalog, kinds, attributes ? *attributes : json::Object(), event);
}

store::ChangeKinds withActivation(store::ChangeKinds kinds, const json::Object& before,
                                  const json::Object& after) {
  const bool was = isActive(before);
  const bool is = isActive(after);
  if (was == is) return kinds;
  return kinds | store::bitOf(is ? store::ChangeKind::kActivate : store::ChangeKind::kDeactivate);
}

}  // namespace vestibule::directory
