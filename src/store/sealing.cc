#include "store/sealing.h"

#include <array>
#include <string_view>
#include <vector>

#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/sealed_columns.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Where secrets are stored.
struct SealedColumn {
  std::string_view select;  ///< what names the row, and the secret
  std::string_view update;
  std::string_view bound;   ///< empty: sharedSecretBound of what names the row
  std::string_view remove;  ///< of what servers can make anew; empty: only people can
};

constexpr std::array<SealedColumn, 5> kColumns{{
    {"SELECT name, value FROM {control}.secrets ORDER BY name",
     "UPDATE {control}.secrets SET value = ? WHERE name = ?",
     {},
     "DELETE FROM {control}.secrets WHERE name = ?"},
    {"SELECT number, secret FROM {control}.event_keys ORDER BY number",
     "UPDATE {control}.event_keys SET secret = ? WHERE number = ?", kEventKey,
     "DELETE FROM {control}.event_keys WHERE number = ?"},
    {"SELECT number, authorization_value FROM {control}.event_streams WHERE authorization_value IS "
     "NOT NULL ORDER BY number",
     "UPDATE {control}.event_streams SET authorization_value = ? WHERE number = ?",
     kStreamAuthorization,
     {}},
    {"SELECT number, signing_secret FROM {control}.event_streams WHERE signing_secret IS NOT NULL "
     "ORDER BY number",
     "UPDATE {control}.event_streams SET signing_secret = ? WHERE number = ?",
     kStreamSecret,
     {}},
    {"SELECT number, secret FROM {control}.outbound_targets WHERE secret <> '' ORDER BY number",
     "UPDATE {control}.outbound_targets SET secret = ? WHERE number = ?",
     kTargetSecret,
     {}},
}};

/// A secret as it is stored.
struct StoredSecret {
  const SealedColumn* column = nullptr;
  std::string row;  ///< what names it
  std::string value;

  [[nodiscard]] std::string bound() const {
    return column->bound.empty() ? sharedSecretBound(row) : std::string(column->bound);
  }
};

/// Adds the query of each column: as many results, in their order.
void addQueries(StatementBatch& batch, const std::string& control_schema) {
  for (const auto& column : kColumns) batch.add(inControl(column.select, control_schema));
}

/// What the last results, which are those of the queries, have found.
std::vector<StoredSecret> takeSecrets(std::vector<StatementResult>& results) {
  const std::size_t first = results.size() - kColumns.size();
  std::vector<StoredSecret> secrets;
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    for (auto& row : results[first + i].rows) {
      secrets.push_back({&kColumns[i], takeText(row, 0), takeText(row, 1)});
    }
  }
  return secrets;
}

/// Begins a change and reads the secrets: behind the lock of the revision nothing of them changes
/// but by us.
Result<std::vector<StoredSecret>> beginWithSecrets(StatementBatch& batch, Session& session,
                                                   const std::string& control_schema) {
  beginChange(batch, control_schema);
  addQueries(batch, control_schema);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return takeSecrets(*results);
}

/// Those that servers can make anew and that cannot be opened. Error kConflict when there is no key
/// at all to open what is sealed.
Result<std::vector<StoredSecret>> lostAmong(std::vector<StoredSecret> secrets,
                                            const SecretKeys& keys) {
  std::vector<StoredSecret> lost;
  for (auto& secret : secrets) {
    const auto under = SecretKeys::keyIdOf(secret.value);
    if (keys.empty() && !under.empty()) {
      return failure(ErrorKind::kConflict,
                     "secrets are sealed under the key " + under +
                         ", and database.secret_key_file names no file: whether the key is lost "
                         "is not known");
    }
    if (secret.column->remove.empty() || keys.open(secret.value, secret.bound())) continue;
    lost.push_back(std::move(secret));
  }
  return lost;
}

}  // namespace

Result<SealCounts> countSecrets(Session& session, const std::string& control_schema) {
  StatementBatch batch;
  addQueries(batch, control_schema);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  SealCounts counts;
  for (const auto& secret : takeSecrets(*results)) {
    switch (session.secretKeys().stateOf(secret.value)) {
      case SealState::kClear:
        ++counts.clear;
        break;
      case SealState::kCurrent:
        ++counts.current;
        break;
      case SealState::kFormer:
        ++counts.former;
        break;
      case SealState::kUnknown:
        ++counts.unknown;
        break;
    }
  }
  return counts;
}

Result<LostKeys> findLostKeys(Session& session, const std::string& control_schema) {
  StatementBatch batch;
  addQueries(batch, control_schema);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto lost = lostAmong(takeSecrets(*results), session.secretKeys());
  if (!lost) return propagate(lost);
  LostKeys found;
  for (const auto& secret : *lost) {
    ++found.count;
    found.under.insert(SecretKeys::keyIdOf(secret.value));
  }
  return found;
}

Result<std::uint64_t> discardLostKeys(Session& session, const std::string& control_schema,
                                      const std::set<std::string>& under, const AuditEvent& event) {
  StatementBatch batch;
  auto secrets = beginWithSecrets(batch, session, control_schema);
  if (!secrets) return propagate(secrets);
  auto lost = lostAmong(*std::move(secrets), session.secretKeys());
  if (!lost) {
    rollback(session);
    return propagate(lost);
  }
  std::uint64_t gone = 0;
  for (const auto& secret : *lost) {
    if (under.count(SecretKeys::keyIdOf(secret.value)) == 0) continue;
    batch.add(inControl(secret.column->remove, control_schema), {std::string_view(secret.row)});
    ++gone;
  }
  auto stored = commitChange(batch, session, control_schema, &event);
  if (!stored) return propagate(stored);
  return gone;
}

Result<std::uint64_t> sealSecrets(Session& session, const std::string& control_schema,
                                  const SecretKeys& keys, const AuditEvent& event) {
  StatementBatch batch;
  auto secrets = beginWithSecrets(batch, session, control_schema);
  if (!secrets) return propagate(secrets);
  for (auto& secret : *secrets) {
    const auto opened = session.secretKeys().open(secret.value, secret.bound());
    if (!opened) {
      rollback(session);
      return failure(ErrorKind::kConflict, opened.error().detail + "; nothing was changed");
    }
    secret.value = keys.seal(*opened, secret.bound());
    batch.add(inControl(secret.column->update, control_schema),
              {Blob{secret.value}, std::string_view(secret.row)});
  }
  auto stored = commitChange(batch, session, control_schema, &event);
  if (!stored) return propagate(stored);
  return secrets->size();
}

}  // namespace vestibule::store
