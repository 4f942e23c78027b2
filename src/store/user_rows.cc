#include "store/user_rows.h"

#include "scim/schema/comparison_key.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// The widest key column.
constexpr std::size_t kKeyBytes = 1'020;
/// Twice this (when every byte has to be escaped) still fits the smallest packet that servers
/// accept by default.
constexpr std::size_t kDocumentBytes = 4 << 20;

Parameter parameterOf(Timestamp time) { return static_cast<std::int64_t>(time); }

/// Adds rows of user_attributes. `row` is one row's text, with the user's number last if it has a
/// third parameter.
void addEntries(StatementBatch& batch, const std::string& schema,
                const std::vector<const scim::IndexEntry*>& entries, std::string_view row,
                std::optional<std::uint64_t> user_seq) {
  if (entries.empty()) return;
  std::string text = forSchemas(sql::kInsertUserAttributes, schema);
  std::vector<Parameter> parameters;
  parameters.reserve(entries.size() * 3);
  for (const auto* entry : entries) {
    if (!parameters.empty()) text += ',';
    text += row;
    parameters.emplace_back(std::uint64_t{entry->index});
    parameters.emplace_back(Blob{entry->key});
    if (user_seq) parameters.emplace_back(*user_seq);
  }
  if (user_seq) text += sql::kKeepUserAttribute;
  batch.add(text, parameters);
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

Result<void> checkDocument(const std::string& document) {
  if (document.size() <= kDocumentBytes) return {};
  return failure(ErrorKind::kPayloadTooLarge, "the resource is too large to be stored");
}

Result<void> checkUserWrite(const UserWrite& user) {
  if (user.keys.user_name_fold.size() > kKeyBytes || user.keys.user_name_case.size() > kKeyBytes) {
    return failure(ErrorKind::kInvalidValue, "userName is too long", "userName");
  }
  return checkDocument(user.document);
}

std::optional<std::string> externalIdKey(const std::optional<std::string>& external_id) {
  if (!external_id) return std::nullopt;
  return scim::indexKey(*external_id);
}

Parameter blobOrNull(const std::optional<std::string>& bytes) {
  if (!bytes) return nullptr;
  return Blob{*bytes};
}

void addInsertUser(StatementBatch& batch, const std::string& schema, const scim::ResourceMeta& meta,
                   const UserWrite& user, const std::optional<std::string>& external_id_key,
                   std::string_view password_hash) {
  const Parameter password =
      password_hash.empty() ? Parameter(nullptr) : Parameter(Blob{password_hash});
  batch.add(forSchemas(sql::kInsertUser, schema),
            {Blob{meta.id.bytes()}, Blob{user.keys.user_name_fold}, Blob{user.keys.user_name_case},
             blobOrNull(external_id_key), meta.version.value(), parameterOf(meta.created),
             parameterOf(meta.modified), password, std::string_view(user.document)});
  addEntries(batch, schema, entriesWithout(user.keys.entries, {}), sql::kUserAttributeOfNewUser,
             std::nullopt);
}

void addUpdateUser(StatementBatch& batch, const std::string& schema, std::uint64_t user_seq,
                   const scim::ResourceMeta& meta, const UserWrite& user, const UserKeys& before,
                   const std::optional<std::string>& external_id_key,
                   const std::optional<std::string>& password_hash) {
  std::vector<Parameter> parameters{
      Blob{user.keys.user_name_fold}, Blob{user.keys.user_name_case},
      blobOrNull(external_id_key),    meta.version.value(),
      parameterOf(meta.modified),     std::string_view(user.document)};
  if (password_hash) {
    parameters.push_back(password_hash->empty() ? Parameter(nullptr)
                                                : Parameter(Blob{*password_hash}));
  }
  parameters.emplace_back(user_seq);
  batch.add(forSchemas(password_hash ? sql::kUpdateUserAndPassword : sql::kUpdateUser, schema),
            parameters);

  for (const auto* gone : entriesWithout(before.entries, user.keys.entries)) {
    batch.add(forSchemas(sql::kDeleteUserAttribute, schema),
              {std::uint64_t{gone->index}, Blob{gone->key}, user_seq});
  }
  addEntries(batch, schema, entriesWithout(user.keys.entries, before.entries),
             sql::kUserAttributeOfUser, user_seq);
}

}  // namespace vestibule::store
