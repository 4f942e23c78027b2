#include "store/user_rows.h"

#include "scim/schema/comparison_key.h"
#include "store/index_entry_rows.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// The widest key column.
constexpr std::size_t kKeyBytes = 1'020;
/// Twice this (when every byte has to be escaped) still fits the smallest packet that servers
/// accept by default.
constexpr std::size_t kDocumentBytes = 4 << 20;

Parameter parameterOf(Timestamp time) { return static_cast<std::int64_t>(time); }

}  // namespace

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

void addLockUser(StatementBatch& batch, const std::string& schema, const ResourceId& id) {
  batch.add(forSchemas(sql::kLockUser, schema), {Blob{id.bytes()}});
}

std::optional<LockedUser> takeLockedUser(StatementResult& result) {
  if (result.rows.empty()) return std::nullopt;
  auto& row = result.rows.front();
  LockedUser locked;
  locked.seq = unsignedAt(row, 0);
  locked.user.resource = takeResource(row, 1);
  locked.has_password = unsignedAt(row, 6) != 0;
  return locked;
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
  addIndexEntries(batch, schema, ResourceKind::kUser, entriesWithout(user.keys.entries, {}),
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
  addIndexEntries(batch, schema, ResourceKind::kUser,
                  entriesWithout(user.keys.entries, before.entries), user_seq);
}

}  // namespace vestibule::store
