#include "store/consent_purpose_store.h"

#include "store/audit_event.h"
#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

tl::unexpected<Error> noSuchPurpose() {
  return failure(ErrorKind::kNotFound, "there is no consent purpose of this name");
}

tl::unexpected<Error> changedSince() {
  return failure(ErrorKind::kVersionMismatch,
                 "the consent purpose has been changed since it was read");
}

/// Adds the row that keeps what the purpose says from now on.
void addVersion(StatementBatch& batch, const std::string& control, const ConsentPurposeRow& row,
                const ChangedBy& changed_by) {
  batch.add(inControl("INSERT INTO {control}.consent_purpose_versions (number, version, name, "
                      "settings, terms, changed, changed_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
                      control),
            {std::uint64_t{row.number}, std::uint64_t{row.version}, std::string_view(row.name),
             std::string_view(row.text.settings), std::string_view(row.text.terms),
             std::int64_t{row.modified}, std::string_view(changed_by.text)});
}

/// Begins a change and reads number, version and time of creation; no row when there is none.
Result<std::vector<ResultRow>> beginPurposeChange(Session& session, const std::string& control,
                                                  const std::string& name) {
  StatementBatch batch;
  beginChange(batch, control);
  batch.add(inControl("SELECT number, version, created FROM {control}.consent_purposes WHERE name "
                      "= ?",
                      control),
            {std::string_view(name)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return std::move(results->back().rows);
}

/// Error kConflict for a purpose that has to stay. Behind the lock of beginPurposeChange that stays
/// true until the commit.
Result<void> requireDeletable(Session& session, const std::string& control, std::uint64_t number) {
  if (number == kDefaultPurposeNumber) {
    return failure(ErrorKind::kConflict, "this consent purpose is built in and stays");
  }
  StatementBatch batch;
  batch.add(inControl("SELECT p.name FROM {control}.identity_provider_purposes d JOIN "
                      "{control}.identity_providers p ON p.number = d.idp_number WHERE "
                      "d.purpose_number = ? ORDER BY p.name LIMIT 10",
                      control),
            {number});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::string names;
  for (auto& provider : results->front().rows) {
    names += (names.empty() ? "" : ", ") + takeText(provider, 0);
  }
  if (names.empty()) return {};
  return failure(ErrorKind::kConflict, "identity providers ask for this consent purpose: " + names);
}

}  // namespace

Result<std::uint32_t> nextPurposeVersion(Session& session, const std::string& control_schema,
                                         const std::string& name) {
  StatementBatch batch;
  batch.add(inControl("SELECT COALESCE(MAX(version), 0) + 1 FROM "
                      "{control}.consent_purpose_versions WHERE name = ?",
                      control_schema),
            {std::string_view(name)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return static_cast<std::uint32_t>(unsignedAt(results->front().rows.at(0), 0));
}

Result<ConsentPurposeRow> insertConsentPurpose(Session& session, const std::string& control_schema,
                                               const std::string& name, std::uint32_t version,
                                               const ConsentPurposeText& text,
                                               const ChangedBy& changed_by) {
  ConsentPurposeRow row;
  row.name = name;
  row.text = text;
  row.version = version;
  row.created = row.modified = now();
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("INSERT INTO {control}.consent_purposes (name, settings, terms, version, "
                      "created, modified) VALUES (?, ?, ?, ?, ?, ?)",
                      control_schema),
            {std::string_view(name), std::string_view(text.settings), std::string_view(text.terms),
             std::uint64_t{version}, std::int64_t{row.created}, std::int64_t{row.modified}});
  batch.add("SELECT LAST_INSERT_ID()");
  auto inserted = batch.run(session);
  if (!inserted) {
    if (session.failure() == Failure::kDuplicate) {
      return failure(ErrorKind::kUniqueness, "a consent purpose of this name exists already",
                     "name");
    }
    return propagate(inserted);
  }
  row.number = static_cast<ConsentPurposeNumber>(unsignedAt(inserted->back().rows.at(0), 0));
  addVersion(batch, control_schema, row, changed_by);
  auto stored = commitChange(batch, session, control_schema, changed_by.event);
  if (!stored) {
    if (session.failure() == Failure::kDuplicate) return changedSince();
    return propagate(stored);
  }
  return row;
}

Result<ConsentPurposeRow> updateConsentPurpose(Session& session, const std::string& control_schema,
                                               const std::string& name, std::uint32_t expected,
                                               const ConsentPurposeText& text,
                                               const ChangedBy& changed_by) {
  auto found = beginPurposeChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (found->empty()) {
    rollback(session);
    return noSuchPurpose();
  }
  const auto& stored = found->front();
  if (unsignedAt(stored, 1) != expected) {
    rollback(session);
    return changedSince();
  }
  ConsentPurposeRow row;
  row.number = static_cast<ConsentPurposeNumber>(unsignedAt(stored, 0));
  row.name = name;
  row.text = text;
  row.version = expected + 1;
  row.created = signedAt(stored, 2);
  row.modified = now();
  StatementBatch batch;
  batch.add(inControl("UPDATE {control}.consent_purposes SET settings = ?, terms = ?, version = ?, "
                      "modified = ? WHERE number = ?",
                      control_schema),
            {std::string_view(text.settings), std::string_view(text.terms),
             std::uint64_t{row.version}, std::int64_t{row.modified}, std::uint64_t{row.number}});
  addVersion(batch, control_schema, row, changed_by);
  auto results = commitChange(batch, session, control_schema, changed_by.event);
  if (!results) return propagate(results);
  return row;
}

Result<void> deleteConsentPurpose(Session& session, const std::string& control_schema,
                                  const std::string& name, std::optional<std::uint32_t> expected,
                                  const AuditEvent* event) {
  auto found = beginPurposeChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (found->empty()) {
    rollback(session);
    return noSuchPurpose();
  }
  if (expected && unsignedAt(found->front(), 1) != *expected) {
    rollback(session);
    return changedSince();
  }
  const auto number = unsignedAt(found->front(), 0);
  if (auto deletable = requireDeletable(session, control_schema, number); !deletable) {
    rollback(session);
    return deletable;
  }
  StatementBatch batch;
  batch.add(inControl("DELETE FROM {control}.consent_purposes WHERE number = ?", control_schema),
            {number});
  auto results = commitChange(batch, session, control_schema, event);
  if (!results) return propagate(results);
  return {};
}

Result<std::vector<ConsentPurposeVersion>> consentPurposeVersions(Session& session,
                                                                  const std::string& control_schema,
                                                                  ConsentPurposeNumber number) {
  StatementBatch batch;
  batch.add(inControl("SELECT version, settings, terms, changed, changed_by FROM "
                      "{control}.consent_purpose_versions WHERE number = ? ORDER BY version DESC",
                      control_schema),
            {std::uint64_t{number}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<ConsentPurposeVersion> versions;
  for (auto& row : results->front().rows) {
    versions.push_back({static_cast<std::uint32_t>(unsignedAt(row, 0)),
                        {takeText(row, 1), takeText(row, 2)},
                        signedAt(row, 3),
                        takeText(row, 4)});
  }
  return versions;
}

}  // namespace vestibule::store
