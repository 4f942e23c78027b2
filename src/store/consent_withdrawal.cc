#include "store/consent_withdrawal.h"

#include "store/audit_rows.h"
#include "store/consent_statements.h"
#include "store/identity_rows.h"
#include "store/uniqueness.h"
#include "store/user_rows.h"

namespace vestibule::store {

Result<void> finishWithdrawal(Session& session, const std::string& control_schema,
                              const DomainTables& domain, const LockedUser& locked,
                              const WithdrawalWrite& write) {
  if (auto fits = checkUserWrite(write.user); !fits) {
    rollback(session);
    return fits;
  }
  const auto external_id_key = externalIdKey(write.user.keys.external_id);
  const AuditRow event(write.event);
  StatementBatch batch;
  addUpdateUser(batch, domain.schema, locked.seq, write.meta, write.user, write.before,
                external_id_key, std::nullopt);
  batch.add(forSchemas(sql::kForgetLoginsOfUser, domain.schema, control_schema),
            {Blob{noDigest()}, Blob{write.meta.id.bytes()}});
  event.addTo(batch, control_schema);
  auto stored = batch.commit().run(session);
  if (!stored) return tl::make_unexpected(nameDuplicate(session, std::move(stored.error())));
  return {};
}

}  // namespace vestibule::store
