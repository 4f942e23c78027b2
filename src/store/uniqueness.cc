#include "store/uniqueness.h"

#include <array>
#include <string_view>
#include <utility>

#include "scim/resource/every_attribute.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

struct UniqueIndex {
  std::string_view name;
  std::string_view attribute;
  std::string_view detail;
};

constexpr std::array<UniqueIndex, 3> kIndexes = {{
    {"user_user_name", "userName", "another user has this userName"},
    {"group_display_name", "displayName", "another group has this displayName"},
    {"federated_identity_subject", "subject", "the subject is linked to a user already"},
}};

/// The path of the attribute with this index number.
std::string nameOfIndexed(const scim::ResourceType& type, std::uint16_t index) {
  std::string name;
  scim::forEveryAttribute(type, [&](const scim::AttributeRef& ref) {
    if (ref.attribute->index == index) name = ref.text();
    for (const auto& sub : ref.attribute->sub_attributes) {
      if (sub.index != index) continue;
      scim::AttributeRef part = ref;
      part.sub = &sub;
      name = part.text();
    }
  });
  return name;
}

/// The first of the unique values that another resource has; null when it has gone meanwhile.
Result<const scim::IndexEntry*> takenEntry(Session& session, const std::string& schema,
                                           const EntriesOfWrite& write) {
  const bool of_group = write.type.kind == ResourceKind::kGroup;
  const std::string text =
      forSchemas(of_group ? sql::kOwnerOfUniqueGroupValue : sql::kOwnerOfUniqueValue, schema);
  StatementBatch batch;
  std::vector<const scim::IndexEntry*> asked;
  for (const auto& entry : write.entries) {
    if (!entry.unique) continue;
    asked.push_back(&entry);
    std::vector<Parameter> parameters;
    if (!of_group) parameters.emplace_back(static_cast<std::uint64_t>(write.type.kind));
    parameters.emplace_back(std::uint64_t{entry.index});
    parameters.emplace_back(Blob{entry.key});
    batch.add(text, parameters);
  }
  auto results = batch.run(session);
  if (!results) return propagate(results);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& rows = (*results)[i].rows;
    if (!rows.empty() && (!write.seq || unsignedAt(rows.front(), 0) != *write.seq)) return asked[i];
  }
  return nullptr;
}

Error isTaken(const scim::ResourceType& type, std::string attribute, Error error) {
  error.kind = ErrorKind::kUniqueness;
  error.detail = "another " + type.name + " has ";
  error.detail += attribute.empty() ? "one of these unique values" : "this " + attribute;
  error.attribute = std::move(attribute);
  return error;
}

}  // namespace

Error nameDuplicate(const Session& session, Error error) {
  if (session.failure() != Failure::kDuplicate) return error;
  for (const auto& index : kIndexes) {
    if (session.duplicateKey() != index.name) continue;
    error.kind = ErrorKind::kUniqueness;
    error.detail = index.detail;
    error.attribute = index.attribute;
    return error;
  }
  // Any other key is ours alone, such as the random id.
  error.kind = ErrorKind::kInternal;
  error.detail = "internal error";
  return error;
}

Error writeDuplicate(Session& session, const std::string& schema, const EntriesOfWrite& write,
                     Error error) {
  if (session.failure() != Failure::kDuplicate) return error;
  const std::string key = session.duplicateKey();
  if (key == "resource_name" && write.type.naming_attribute != nullptr) {
    return isTaken(write.type, write.type.naming_attribute->name, std::move(error));
  }
  if (key != "resource_unique_value" && key != "group_unique_value") {
    return nameDuplicate(session, std::move(error));
  }
  // The server names the index only, and all unique values are in one.
  auto taken = takenEntry(session, schema, write);
  if (!taken) return std::move(taken.error());
  return isTaken(write.type,
                 *taken == nullptr ? std::string() : nameOfIndexed(write.type, (*taken)->index),
                 std::move(error));
}

}  // namespace vestibule::store
