#include "store/index_entry_rows.h"

#include <string_view>

#include "store/resource_table.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// How rows of one table are written.
struct EntryInsert {
  std::string_view insert;
  std::string_view row;         ///< of a resource that exists
  std::string_view row_of_new;  ///< of the one that the same batch inserts
  std::string_view end;         ///< behind the rows of a resource that exists
};

const EntryInsert& insertFor(ResourceKind kind) {
  static constexpr EntryInsert kOfUser{sql::kInsertUserAttributes, sql::kUserAttributeOfUser,
                                       sql::kUserAttributeOfNewUser, sql::kKeepUserAttribute};
  static constexpr EntryInsert kOfGroup{sql::kInsertGroupAttributes, sql::kAttributeOfGroup,
                                        sql::kAttributeOfNewGroup, ""};
  static constexpr EntryInsert kOfOthers{sql::kInsertResourceAttributes, sql::kAttributeOfResource,
                                         sql::kAttributeOfNewResource, ""};
  switch (kind) {
    case ResourceKind::kUser:
      return kOfUser;
    case ResourceKind::kGroup:
      return kOfGroup;
  }
  return kOfOthers;
}

}  // namespace

std::vector<const scim::IndexEntry*> entriesWithout(const std::vector<scim::IndexEntry>& some,
                                                    const std::vector<scim::IndexEntry>& others) {
  std::vector<const scim::IndexEntry*> left;
  auto other = others.begin();
  for (const auto& entry : some) {
    while (other != others.end() && *other < entry) ++other;
    if (other == others.end() || entry < *other) left.push_back(&entry);
  }
  return left;
}

void addIndexEntries(StatementBatch& batch, const std::string& schema, ResourceKind kind,
                     const std::vector<const scim::IndexEntry*>& entries,
                     std::optional<std::uint64_t> owner) {
  if (entries.empty()) return;
  const auto& statement = insertFor(kind);
  const auto& table = tableOf(kind);
  std::string text = forSchemas(statement.insert, schema);
  std::vector<Parameter> parameters;
  parameters.reserve(entries.size() * 5);
  for (const auto* entry : entries) {
    if (!parameters.empty()) text += ',';
    text += owner ? statement.row : statement.row_of_new;
    if (table.shared) parameters.emplace_back(static_cast<std::uint64_t>(kind));
    parameters.emplace_back(std::uint64_t{entry->index});
    parameters.emplace_back(Blob{entry->key});
    if (!table.unique_value_index.empty()) {
      parameters.push_back(entry->unique ? Parameter(Blob{entry->key}) : Parameter(nullptr));
    }
    if (owner) parameters.emplace_back(*owner);
  }
  if (owner) text += statement.end;
  batch.add(text, parameters);
}

}  // namespace vestibule::store
