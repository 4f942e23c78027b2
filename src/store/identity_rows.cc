#include "store/identity_rows.h"

#include "store/statement_text.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kSubjectBytes = 1'020;

}  // namespace

Result<void> checkIdentity(const FederatedIdentity& identity) {
  if (!identity.subject.value().empty() && identity.subject.value().size() <= kSubjectBytes) {
    return {};
  }
  return failure(ErrorKind::kInvalidValue, "the subject is empty or longer than 1020 bytes",
                 "subject");
}

FederatedIdentity takeIdentity(ResultRow& row) {
  FederatedIdentity identity;
  identity.identity_provider = static_cast<IdentityProviderNumber>(unsignedAt(row, 0));
  identity.subject = Subject(takeText(row, 1));
  identity.user = idAt(row, 2);
  identity.claims_digest = takeText(row, 3);
  identity.user_version = Version(unsignedAt(row, 4));
  identity.created = signedAt(row, 5);
  identity.last_synced = signedAt(row, 6);
  return identity;
}

const std::string& noDigest() {
  static const std::string kZeros(32, '\0');
  return kZeros;
}

void addInsertIdentity(StatementBatch& batch, const std::string& control_schema,
                       const FederatedIdentity& identity) {
  batch.add(forSchemas(sql::kInsertIdentity, {}, control_schema),
            {std::uint64_t{identity.identity_provider}, Blob{identity.subject.value()},
             Blob{identity.user.bytes()}, Blob{identity.claims_digest},
             identity.user_version.value(), static_cast<std::int64_t>(identity.created),
             static_cast<std::int64_t>(identity.last_synced)});
}

}  // namespace vestibule::store
