#include "store/outbox_groups.h"

#include "store/event_statements.h"
#include "store/result_rows.h"
#include "store/statement_text.h"

namespace vestibule::store {

void tellMembers(AuditEvent& event, const MembershipChange& members) {
  if (!event.announcement || members.empty()) return;
  if (members.add.size() + members.remove.size() > kMostMembersTold) return;
  // With `replace_all`, whoever is not in `add` goes, whether `remove` has them or not.
  if (members.replace_all) {
    event.announcement->members = MembersTold{members.add, {}, true};
  } else {
    event.announcement->members = MembersTold{members.add, members.remove, false};
  }
}

void addTouchedGroups(StatementBatch& batch, const std::string& schema,
                      const std::string& control_schema, const AuditEvent& event,
                      std::string_view statement, const std::vector<std::uint64_t>& groups,
                      std::optional<std::uint64_t> member) {
  const bool wanted =
      event.announcement && event.announcement->tells_groups && event.domain && event.resource;
  if (!wanted) return;
  const std::string text = touchedGroupsText(statement, schema, control_schema);
  std::vector<Parameter> parameters{
      static_cast<std::int64_t>(event.occurred), std::uint64_t{event.domain->number.value()},
      Blob{event.resource->bytes()}, std::string_view(event.correlation_id)};
  if (member) parameters.emplace_back(*member);
  for (std::size_t from = 0; from < groups.size(); from += kGroupsInRow) {
    batch.add(withList(text, numberList(groups, from, kGroupsInRow)), parameters);
  }
}

}  // namespace vestibule::store
