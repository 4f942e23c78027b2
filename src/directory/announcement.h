#pragma once
// Which changes go to the event streams.

#include <string_view>

#include "directory/catalog.h"
#include "json/value.h"
#include "store/announcement.h"
#include "store/audit_event.h"

namespace vestibule::directory {

/// Has the change that the event tells of go to the event streams, where one wants to know, and
/// with it the changes of groups that gain or lose the resource as a member: `attributes` are those
/// of the resource behind the change, before it of a deletion. An event without a domain and a
/// resource is passed over.
void announce(const Catalog& catalog, store::ChangeKinds kinds, const json::Object& attributes,
              store::AuditEvent& event);

/// The same for stored JSON, which is parsed only where a stream wants to know.
void announceStored(const Catalog& catalog, store::ChangeKinds kinds, std::string_view document,
                    store::AuditEvent& event);

/// `kinds` with what they mean for `active`: an absent one is true (RFC 7643 §4.1.1).
[[nodiscard]] store::ChangeKinds withActivation(store::ChangeKinds kinds,
                                                const json::Object& before,
                                                const json::Object& after);

}  // namespace vestibule::directory
