#include "store/identity_provider_store.h"

#include "store/control_change.h"
#include "store/identity_provider_history.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// Rows that one DELETE removes at most: it must end well before the session's read time-out.
constexpr std::uint64_t kDeletedAtOnce = 10'000;

tl::unexpected<Error> noSuchProvider() {
  return failure(ErrorKind::kNotFound, "there is no identity provider of this name");
}

tl::unexpected<Error> changedSince() {
  return failure(ErrorKind::kVersionMismatch,
                 "the identity provider has been changed since it was read");
}

/// Adds rows that each hold one thing that the settings name. `provider` is our own SQL.
void addNamed(StatementBatch& batch, const std::string& control, std::string_view sql,
              std::string_view provider, const std::vector<Parameter>& names) {
  if (names.empty()) return;
  std::string text(sql);
  constexpr std::string_view kMark = "{provider}";
  text.replace(text.find(kMark), kMark.size(), provider);
  batch.add(withList(inControl(text, control), placeholders(names.size())), names);
}

/// Adds the rows that hold the domains and purposes which the settings name.
void addNamedBy(StatementBatch& batch, const std::string& control, std::string_view provider,
                const NamedBySettings& named) {
  std::vector<Parameter> domains;
  for (const auto& domain : named.domains) domains.emplace_back(std::string_view(domain.value()));
  addNamed(batch, control,
           "INSERT INTO {control}.identity_provider_domains (idp_number, domain_number) SELECT "
           "{provider}, number FROM {control}.domains WHERE state = 'active' AND name IN (...)",
           provider, domains);
  std::vector<Parameter> purposes;
  for (const auto& purpose : named.purposes) purposes.emplace_back(std::string_view(purpose));
  addNamed(batch, control,
           "INSERT INTO {control}.identity_provider_purposes (idp_number, purpose_number) SELECT "
           "{provider}, number FROM {control}.consent_purposes WHERE name IN (...)",
           provider, purposes);
}

/// Adds the row of the history that says what the settings are from now on (null: there are none
/// any more), and drops those beyond kKeptVersions.
void recordVersion(StatementBatch& batch, const std::string& control, const std::string& name,
                   Version version, const Parameter& settings, Timestamp changed,
                   const ChangedBy& changed_by) {
  batch.add(inControl("INSERT INTO {control}.identity_provider_history (name, version, settings, "
                      "changed, changed_by) VALUES (?, ?, ?, ?, ?)",
                      control),
            {std::string_view(name), version.value(), settings, changed,
             std::string_view(changed_by.text)});
  if (version.value() <= kKeptVersions) return;
  batch.add(inControl("DELETE FROM {control}.identity_provider_history WHERE name = ? AND version "
                      "<= ?",
                      control),
            {std::string_view(name), version.value() - kKeptVersions});
}

/// Commits when the last statements, those of addNamedBy, have found everything.
Result<void> commitWith(Session& session, const std::string& control,
                        const std::vector<StatementResult>& results, const NamedBySettings& named,
                        const ChangedBy& changed_by) {
  auto last = results.rbegin();
  std::string_view missing;
  if (!named.purposes.empty() && (last++)->affected != named.purposes.size()) {
    missing = "a consent purpose";
  }
  if (!named.domains.empty() && last->affected != named.domains.size()) {
    missing = "a user store domain";
  }
  if (!missing.empty()) {
    rollback(session);
    return failure(ErrorKind::kInvalidValue, "identity provider: the settings name " +
                                                 std::string(missing) + " that does not exist");
  }
  StatementBatch batch;
  auto committed = commitChange(batch, session, control, changed_by.event);
  if (!committed) return propagate(committed);
  return {};
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

Result<IdentityProviderRow> insertIdentityProvider(
    Session& session, const std::string& control_schema, const std::string& name,
    const std::string& settings, const NamedBySettings& named, const ChangedBy& changed_by) {
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("SELECT COALESCE(MAX(version), 0) FROM {control}.identity_provider_history "
                      "WHERE name = ?",
                      control_schema),
            {std::string_view(name)});
  auto last = batch.run(session);
  if (!last) return propagate(last);
  IdentityProviderRow row;
  row.name = name;
  row.settings = settings;
  row.version = Version(unsignedAt(last->back().rows.at(0), 0) + 1);
  row.created = row.modified = now();
  batch.add(inControl("INSERT INTO {control}.identity_providers (name, settings, version, created, "
                      "modified) VALUES (?, ?, ?, ?, ?)",
                      control_schema),
            {std::string_view(name), std::string_view(settings), row.version.value(), row.created,
             row.modified});
  batch.add("SELECT LAST_INSERT_ID()");
  recordVersion(batch, control_schema, name, row.version, std::string_view(settings), row.modified,
                changed_by);
  addNamedBy(batch, control_schema, "LAST_INSERT_ID()", named);
  auto results = batch.run(session);
  if (!results) {
    if (session.failure() == Failure::kDuplicate) {
      return failure(ErrorKind::kUniqueness, "an identity provider of this name exists already",
                     "name");
    }
    return propagate(results);
  }
  row.number = static_cast<IdentityProviderNumber>(unsignedAt(results->at(1).rows.at(0), 0));
  if (auto committed = commitWith(session, control_schema, *results, named, changed_by);
      !committed) {
    return propagate(committed);
  }
  return row;
}

Result<IdentityProviderRow> updateIdentityProvider(
    Session& session, const std::string& control_schema, const std::string& name, Version expected,
    const std::string& settings, const NamedBySettings& named, const ChangedBy& changed_by) {
  auto found = beginProviderChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (found->empty()) {
    rollback(session);
    return noSuchProvider();
  }
  const auto& stored = found->front();
  if (Version(unsignedAt(stored, 1)) != expected) {
    rollback(session);
    return changedSince();
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
  for (const auto* table : {"domains", "purposes"}) {
    batch.add(inControl(std::string("DELETE FROM {control}.identity_provider_") + table +
                            " WHERE idp_number = ?",
                        control_schema),
              {std::uint64_t{row.number}});
  }
  recordVersion(batch, control_schema, name, row.version, std::string_view(settings), row.modified,
                changed_by);
  addNamedBy(batch, control_schema, std::to_string(row.number), named);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (auto committed = commitWith(session, control_schema, *results, named, changed_by);
      !committed) {
    return propagate(committed);
  }
  return row;
}

Result<void> deleteIdentityProvider(Session& session, const std::string& control_schema,
                                    const std::string& name, std::optional<Version> expected,
                                    const ChangedBy& changed_by) {
  auto found = beginProviderChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (found->empty()) {
    rollback(session);
    return noSuchProvider();
  }
  const Version version(unsignedAt(found->front(), 1));
  if (expected && version != *expected) {
    rollback(session);
    return changedSince();
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
  recordVersion(batch, control_schema, name, Version(version.value() + 1), nullptr, now(),
                changed_by);
  auto results = commitChange(batch, session, control_schema, changed_by.event);
  if (!results) return propagate(results);
  return {};
}

}  // namespace vestibule::store
