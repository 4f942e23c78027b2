#include "store/domain_store.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/unicode.h"
#include "store/consent_store.h"
#include "store/control_change.h"
#include "store/domain_rows.h"
#include "store/federated_identity_store.h"
#include "store/result_rows.h"
#include "store/schema_lock.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kSchemaNameLength = 64;
/// Two `_` and five digits.
constexpr std::size_t kNumberLength = 7;

tl::unexpected<Error> noSuchDomain(const DomainName& name) {
  return failure(ErrorKind::kNotFound, "there is no user store domain " + name.value());
}

tl::unexpected<Error> changedSince() {
  return failure(ErrorKind::kVersionMismatch,
                 "the user store domain has been changed since it was read");
}

/// Error kInvalidValue for a name that cannot be part of a schema's.
Result<void> checkName(const std::string& prefix, const DomainName& name) {
  const auto& text = name.value();
  const bool plain =
      !text.empty() && text[0] >= 'A' && text[0] <= 'Z' &&
      std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
  if (plain && prefix.size() + text.size() + kNumberLength <= kSchemaNameLength) return {};
  return failure(ErrorKind::kInvalidValue,
                 "the name of a user store domain must begin with a letter, hold only A-Z, 0-9, - "
                 "and _, and leave room for the schema prefix",
                 "name");
}

/// Begins a change and reads the domain (nothing when there is none) and the number that the next
/// new domain gets, under the lock. `column` is what the domain is found by.
Result<std::optional<DomainRow>> beginDomainChange(Session& session, const std::string& control,
                                                   const char* column, const Parameter& key,
                                                   std::uint64_t* next_number = nullptr) {
  StatementBatch batch;
  beginChange(batch, control);
  batch.add(inControl("SELECT next_domain_number FROM {control}.control_state WHERE singleton = 1",
                      control));
  batch.add(selectDomains(control, std::string(" WHERE ") + column + " = ?"), {key});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& state = results->at(2).rows;
  if (state.empty()) {
    rollback(session);
    return internalFailure("the control schema has lost its state row");
  }
  if (next_number != nullptr) *next_number = unsignedAt(state.front(), 0);
  auto& rows = results->at(3).rows;
  if (rows.empty()) return std::nullopt;
  return takeDomain(rows.front());
}

Result<std::optional<DomainRow>> beginDomainChange(Session& session, const std::string& control,
                                                   const DomainName& name,
                                                   std::uint64_t* next_number = nullptr) {
  return beginDomainChange(session, control, "name", std::string_view(name.value()), next_number);
}

/// Ends what beginDomainChange began, changing nothing.
tl::unexpected<Error> refuse(Session& session, tl::unexpected<Error> error) {
  rollback(session);
  return error;
}

/// Error kConflict when settings of identity providers name the domain. Behind the lock of
/// beginDomainChange that stays true until the commit.
Result<void> requireUnused(Session& session, const std::string& control, const DomainRow& row) {
  StatementBatch batch;
  batch.add(inControl("SELECT p.name FROM {control}.identity_provider_domains d JOIN "
                      "{control}.identity_providers p ON p.number = d.idp_number WHERE "
                      "d.domain_number = ? ORDER BY p.name LIMIT 10",
                      control),
            {std::uint64_t{row.tables.number.value()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::string names;
  for (auto& provider : results->front().rows) {
    names += (names.empty() ? "" : ", ") + takeText(provider, 0);
  }
  if (names.empty()) return {};
  return failure(ErrorKind::kConflict,
                 "identity providers point at domain " + row.name.value() + ": " + names);
}

/// Commits new texts of a domain under the lock of beginDomainChange.
Result<DomainRow> rewriteDomain(Session& session, const std::string& control, DomainRow row,
                                const std::string& description, const std::string& settings,
                                const AuditEvent* event = nullptr) {
  row.description = description;
  row.settings = settings;
  row.version = Version(row.version.value() + 1);
  row.modified = now();
  StatementBatch batch;
  batch.add(inControl("UPDATE {control}.domains SET description = ?, settings = ?, version = ?, "
                      "modified = ? WHERE number = ?",
                      control),
            {std::string_view(row.description), std::string_view(row.settings), row.version.value(),
             row.modified, std::uint64_t{row.tables.number.value()}});
  auto results = commitChange(batch, session, control, event);
  if (!results) return propagate(results);
  return row;
}

}  // namespace

Result<DomainRow> insertDomain(Session& session, const std::string& control_schema,
                               const std::string& schema_prefix, const DomainName& name,
                               const std::string& description, const std::string& settings) {
  if (auto fits = checkName(schema_prefix, name); !fits) return propagate(fits);
  std::uint64_t number = 0;
  auto existing = beginDomainChange(session, control_schema, name, &number);
  if (!existing) return propagate(existing);
  if (*existing) {
    if ((*existing)->state == "creating") {
      return rewriteDomain(session, control_schema, **std::move(existing), description, settings);
    }
    const auto& state = (*existing)->state;
    return refuse(session, failure(ErrorKind::kUniqueness,
                                   "the user store domain " + name.value() +
                                       (state == "deleting"    ? " is being deleted"
                                        : state == "restoring" ? " is being restored"
                                                               : " exists already"),
                                   "name"));
  }
  if (number >= std::numeric_limits<std::uint16_t>::max()) {
    return refuse(
        session, failure(ErrorKind::kConflict, "all numbers of user store domains were given out"));
  }
  const auto schema =
      schemaNameOf(schema_prefix, name, DomainNumber(static_cast<std::uint16_t>(number)));
  StatementBatch batch;
  batch.add("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?",
            {std::string_view(schema)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (unsignedAt(results->front().rows.at(0), 0) != 0) {
    return refuse(session, failure(ErrorKind::kConflict,
                                   "the database server has a schema " + schema +
                                       " already, which is no domain's: rename or drop it"));
  }

  DomainRow row;
  row.tables = {DomainNumber(static_cast<std::uint16_t>(number)), quoteName(schema)};
  row.name = name;
  row.state = "creating";
  row.description = description;
  row.settings = settings;
  row.version = Version(1);
  row.created = row.modified = now();
  batch.add(
      inControl("UPDATE {control}.control_state SET next_domain_number = ? WHERE singleton = 1",
                control_schema),
      {number + 1});
  batch.add(
      inControl("INSERT INTO {control}.domains (number, name, schema_name, state, description, "
                "settings, version, created, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                control_schema),
      {number, std::string_view(name.value()), std::string_view(schema),
       std::string_view(row.state), std::string_view(description), std::string_view(settings),
       row.version.value(), row.created, row.modified});
  results = batch.commit().run(session);
  if (!results) return propagate(results);
  return row;
}

Result<void> createSchema(Session& session, const std::string& quoted_schema) {
  StatementBatch batch;
  batch.add("CREATE DATABASE IF NOT EXISTS " + quoted_schema +
            " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

Result<void> activateDomain(Session& session, const std::string& control_schema,
                            const DomainName& name, const AuditEvent* event) {
  auto row = beginDomainChange(session, control_schema, name);
  if (!row) return propagate(row);
  if (!*row) return refuse(session, noSuchDomain(name));
  if ((*row)->state == "active") {
    rollback(session);
    return {};
  }
  if ((*row)->state != "creating") {
    return refuse(session, failure(ErrorKind::kConflict, "the user store domain " + name.value() +
                                                             " is in state " + (*row)->state));
  }
  StatementBatch batch;
  batch.add(
      inControl("UPDATE {control}.domains SET state = 'active', modified = ? WHERE number = ?",
                control_schema),
      {now(), std::uint64_t{(*row)->tables.number.value()}});
  auto results = commitChange(batch, session, control_schema, event);
  if (!results) return propagate(results);
  return {};
}

Result<DomainRow> updateDomain(Session& session, const std::string& control_schema,
                               DomainNumber number, Version expected,
                               const std::string& description, const std::string& settings,
                               const AuditEvent* event) {
  auto row = beginDomainChange(session, control_schema, "number", std::uint64_t{number.value()});
  if (!row) return propagate(row);
  if (!*row || (*row)->state != "active") {
    return refuse(session, failure(ErrorKind::kNotFound, "there is no such user store domain"));
  }
  if ((*row)->version != expected) return refuse(session, changedSince());
  return rewriteDomain(session, control_schema, **std::move(row), description, settings, event);
}

Result<void> deleteDomain(Session& session, const std::string& control_schema,
                          const DomainName& name, std::optional<Version> expected,
                          const AuditEvent* event) {
  auto lock = SchemaLock::take(session, control_schema, lockSecondsOf(session));
  if (!lock) return propagate(lock);
  auto found = beginDomainChange(session, control_schema, name);
  if (!found) return propagate(found);
  if (!*found) return refuse(session, noSuchDomain(name));
  const DomainRow row = **std::move(found);
  const auto number = std::uint64_t{row.tables.number.value()};
  if (number == kPrimaryNumber) {
    return refuse(session, failure(ErrorKind::kConflict, "the PRIMARY domain cannot be deleted"));
  }
  if (expected && row.version != *expected) return refuse(session, changedSince());
  if (row.state == "moving") {
    return refuse(session,
                  failure(ErrorKind::kConflict, "the user store domain " + name.value() +
                                                    " is being moved: finish that, or abort it"));
  }
  auto unused = requireUnused(session, control_schema, row);
  if (!unused) return refuse(session, propagate(unused));
  StatementBatch batch;
  batch.add(
      inControl("UPDATE {control}.domains SET state = 'deleting' WHERE number = ?", control_schema),
      {number});
  // Harmless to repeat, as is everything below: only the last step forgets the domain.
  auto results = batch.commit().repeatable().run(session);
  if (!results) return propagate(results);

  batch.add("DROP DATABASE IF EXISTS " + row.tables.schema);
  if (results = batch.repeatable().run(session); !results) return propagate(results);
  if (auto gone = deleteIdentitiesOfDomain(session, control_schema, row.tables.number); !gone)
    return gone;
  if (auto gone = deleteConsentOfDomain(session, control_schema, row.tables.number); !gone)
    return gone;

  const auto schema = unquoteName(row.tables.schema);
  beginChange(batch, control_schema);
  batch.add(inControl("DELETE FROM {control}.migrations WHERE schema_name = ?", control_schema),
            {std::string_view(schema)});
  batch.add(inControl("DELETE FROM {control}.domains WHERE number = ?", control_schema), {number});
  if (results = commitChange(batch, session, control_schema, event); !results) {
    return propagate(results);
  }
  return {};
}

}  // namespace vestibule::store
