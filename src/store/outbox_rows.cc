#include "store/outbox_rows.h"

#include "store/change_text.h"
#include "store/event_statements.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

bool movesGroups(const AuditEvent& event) {
  return !event.granted.empty() || !event.revoked.empty();
}

bool isWanted(const AuditEvent& event) {
  if (!event.announcement || !event.domain || !event.resource) return false;
  if (event.announcement->kinds == 0) return false;
  return has(event.announcement->kinds, ChangeKind::kDelete) ||
         event.version_after != event.version_before || movesGroups(event);
}

/// What a receiver of events would call them: what an identity provider grants shows in `groups`.
std::string attributesText(const AuditEvent& event) {
  ToldChange change{event.attributes, event.announcement->members};
  for (const auto& name : event.announcement->attributes) change.attributes.push_back(name);
  if (movesGroups(event)) change.attributes.emplace_back("groups");
  return changeText(change);
}

}  // namespace

OutboxRow::OutboxRow(const AuditEvent& event) : event_(event), wanted_(isWanted(event)) {
  if (wanted_) attributes_ = attributesText(event);
}

std::vector<Parameter> OutboxRow::columns() const {
  const auto& external_id = event_.announcement->external_id;
  return {static_cast<std::int64_t>(event_.occurred),
          std::uint64_t{event_.announcement->kinds},
          std::uint64_t{event_.domain->number.value()},
          Blob{event_.resource->bytes()},
          event_.version_after ? Parameter(event_.version_after->value()) : Parameter(nullptr),
          external_id ? Parameter(std::string_view(*external_id)) : Parameter(nullptr),
          std::string_view(attributes_),
          std::string_view(event_.correlation_id)};
}

void OutboxRow::addTo(StatementBatch& batch, const std::string& control_schema) const {
  if (!wanted_) return;
  batch.add(forSchemas(sql::kInsertOutbox, {}, control_schema), columns());
}

void OutboxRow::addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const {
  if (!wanted_) return;
  batch.add(forSchemas(sql::kInsertOutboxIfChanged, {}, control_schema), columns());
}

}  // namespace vestibule::store
