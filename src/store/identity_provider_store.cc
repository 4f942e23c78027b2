#include "store/identity_provider_store.h"

#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Rows that one DELETE removes at most: it must end well before the session's read time-out.
constexpr std::uint64_t kDeletedAtOnce = 10'000;

tl::unexpected<Error> noSuchProvider() {
  return failure(ErrorKind::kNotFound, "there is no identity provider of this name");
}

/// Begins a change and reads the provider's number, version and time of creation; no row when there
/// is none.
Result<std::vector<ResultRow>> beginProviderChange(Session& session, const std::string& control,
                                                   const std::string& name) {
  StatementBatch batch;
  beginChange(batch, control);
  batch.add(inControl("SELECT number, version, created FROM {control}.identity_providers WHERE "
                      "name = ?",
                      control),
            {std::string_view(name)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return std::move(results->back().rows);
}

}  // namespace

Result<IdentityProviderRow> insertIdentityProvider(Session& session,
                                                   const std::string& control_schema,
                                                   const std::string& name,
                                                   const std::string& settings) {
  IdentityProviderRow row;
  row.name = name;
  row.settings = settings;
  row.version = Version(1);
  row.created = row.modified = now();
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("INSERT INTO {control}.identity_providers (name, settings, version, created, "
                      "modified) VALUES (?, ?, ?, ?, ?)",
                      control_schema),
            {std::string_view(name), std::string_view(settings), row.version.value(), row.created,
             row.modified});
  batch.add("SELECT LAST_INSERT_ID()");
  auto results = batch.commit().run(session);
  if (!results) {
    if (session.failure() == Failure::kDuplicate) {
      return failure(ErrorKind::kUniqueness, "an identity provider of this name exists already",
                     "name");
    }
    return propagate(results);
  }
  row.number = static_cast<IdentityProviderNumber>(unsignedAt(results->at(3).rows.at(0), 0));
  return row;
}

Result<IdentityProviderRow> updateIdentityProvider(Session& session,
                                                   const std::string& control_schema,
                                                   const std::string& name, Version expected,
                                                   const std::string& settings) {
  auto found = beginProviderChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (found->empty()) {
    rollback(session);
    return noSuchProvider();
  }
  const auto& stored = found->front();
  if (Version(unsignedAt(stored, 1)) != expected) {
    rollback(session);
    return failure(ErrorKind::kVersionMismatch,
                   "the identity provider has been changed since it was read");
  }
  IdentityProviderRow row;
  row.number = static_cast<IdentityProviderNumber>(unsignedAt(stored, 0));
  row.name = name;
  row.settings = settings;
  row.version = Version(expected.value() + 1);
  row.created = signedAt(stored, 2);
  row.modified = now();
  StatementBatch batch;
  batch.add(
      inControl("UPDATE {control}.identity_providers SET settings = ?, version = ?, modified "
                "= ? WHERE number = ?",
                control_schema),
      {std::string_view(settings), row.version.value(), row.modified, std::uint64_t{row.number}});
  auto results = batch.commit().run(session);
  if (!results) return propagate(results);
  return row;
}

Result<void> deleteIdentityProvider(Session& session, const std::string& control_schema,
                                    const std::string& name) {
  auto found = beginProviderChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (found->empty()) {
    rollback(session);
    return noSuchProvider();
  }
  const auto number = unsignedAt(found->front(), 0);
  StatementBatch batch;
  for (std::uint64_t deleted = kDeletedAtOnce; deleted == kDeletedAtOnce;) {
    batch.add(inControl("DELETE FROM {control}.federated_identities WHERE idp_number = ? LIMIT ?",
                        control_schema),
              {number, kDeletedAtOnce});
    auto results = batch.run(session);
    if (!results) return propagate(results);
    deleted = results->front().affected;
  }
  batch.add(inControl("DELETE FROM {control}.identity_providers WHERE number = ?", control_schema),
            {number});
  auto results = batch.commit().run(session);
  if (!results) return propagate(results);
  return {};
}

}  // namespace vestibule::store
