#include "directory/consent_withdrawal.h"

#include <algorithm>

#include "base/clock.h"
#include "directory/announcement.h"
#include "directory/changed_attributes.h"
#include "directory/stored_document.h"
#include "directory/users.h"
#include "scim/resource/validate.h"
#include "store/consent_withdrawal.h"

namespace vestibule::directory {
namespace {

tl::unexpected<Error> noSuchReceipt() {
  return failure(ErrorKind::kNotFound, "there is no such consent receipt");
}

/// The attributes as the edit leaves them, valid.
Result<json::Object> edited(const Context& context, const json::Object& current,
                            const WithdrawnConsent& consent, const WithdrawalEdit& edit) {
  auto changed = edit(current, consent);
  if (!changed) return propagate(changed);
  auto finished = scim::finish(*context.registry, *context.user_type, *std::move(changed));
  if (finished) return finished;
  auto error = std::move(finished.error());
  error.kind = ErrorKind::kConflict;
  error.detail =
      "the consent cannot be withdrawn as long as the user has to have a value: " + error.detail;
  return tl::make_unexpected(std::move(error));
}

store::AuditEvent eventOf(const Domain& domain, const store::StoredReceipt& receipt,
                          const WithdrawalAuthor& author) {
  store::AuditEvent event;
  event.occurred = now();
  event.correlation_id = author.correlation_id;
  event.action = "consent.withdrawn";
  event.actor_name = "cli";
  if (author.principal != nullptr) {
    event.actor_id = author.principal->token_id;
    event.actor_name = author.principal->name;
  }
  event.identity_provider = receipt.receipt.identity_provider;
  event.domain = store::AuditDomain{domain.tables().number, domain.name()};
  event.resource = receipt.user;
  event.outbound = domain.outbound_targets;
  return event;
}

/// What the withdrawal writes, of a locked user whose receipt has just been revoked.
Result<store::WithdrawalWrite> computeWrite(const Context& context, const Domain& domain,
                                            const store::StoredUser& user,
                                            const WithdrawnConsent& consent,
                                            const WithdrawalEdit& edit, store::AuditEvent event) {
  auto current = parseStored(user.resource.document);
  if (!current) return propagate(current);
  auto after = edited(context, *current, consent, edit);
  if (!after) return propagate(after);
  auto write = prepareUserWrite(context, domain, *after, false);
  if (!write) return propagate(write);
  auto before = userKeys(context, domain, *current);
  if (!before) return propagate(before);
  store::WithdrawalWrite prepared;
  prepared.meta = user.resource.meta;
  prepared.meta.version = Version(prepared.meta.version.value() + 1);
  prepared.meta.modified = std::max(now(), prepared.meta.modified);
  prepared.user = *std::move(write);
  prepared.before = *std::move(before);
  prepared.event = std::move(event);
  prepared.event.attributes = changedAttributes(*current, *after);
  prepared.event.version_before = user.resource.meta.version;
  prepared.event.version_after = prepared.meta.version;
  announce(*context.catalog->current(),
           withActivation(bitOf(store::ChangeKind::kPatch), *current, *after), *after,
           prepared.event);
  return prepared;
}

/// Revokes the receipt of a locked user; nothing when that has been done.
Result<std::optional<WithdrawnConsent>> revoke(store::Session& session, const std::string& control,
                                               const store::ReceiptId& id, Timestamp moment) {
  auto receipt = store::findReceipt(session, control, id);
  if (!receipt) return propagate(receipt);
  if (!*receipt) return noSuchReceipt();
  if ((*receipt)->revoked) return std::optional<WithdrawnConsent>();
  WithdrawnConsent consent;
  auto withdrawn = store::revokeReceipt(session, control, **receipt, moment);
  if (!withdrawn) return propagate(withdrawn);
  consent.withdrawn = *std::move(withdrawn);
  auto remaining = store::findConsentDecisions(session, control, (*receipt)->user);
  if (!remaining) return propagate(remaining);
  consent.remaining = *std::move(remaining);
  return std::optional(std::move(consent));
}

}  // namespace

Result<bool> withdrawConsent(const Context& context, const store::StoredReceipt& receipt,
                             const WithdrawalEdit& edit, const WithdrawalAuthor& author) {
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(receipt.user.domain());
  if (domain == nullptr) return noSuchReceipt();
  if (auto writable = requireWritable(*domain); !writable) return propagate(writable);
  auto& database = *context.database;
  const std::string control = database.controlSchema();
  return database.write([&](store::Session& session) -> Result<bool> {
    auto locked = store::lockUser(session, domain->tables(), receipt.user, false);
    if (!locked) return propagate(locked);
    if (!*locked) return noSuchReceipt();
    auto consent = revoke(session, control, receipt.receipt.id, now());
    if (!consent || !*consent) {
      store::rollback(session);
      if (!consent) return propagate(consent);
      return false;
    }
    auto write = computeWrite(context, *domain, (*locked)->user, **consent, edit,
                              eventOf(*domain, receipt, author));
    if (!write) {
      store::rollback(session);
      return propagate(write);
    }
    auto finished = store::finishWithdrawal(session, control, domain->tables(), **locked, *write);
    if (!finished) return propagate(finished);
    return true;
  });
}

}  // namespace vestibule::directory
