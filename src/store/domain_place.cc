#include "store/domain_place.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/encoding.h"
#include "store/consent_store.h"
#include "store/control_change.h"
#include "store/domain_rows.h"
#include "store/federated_identity_store.h"
#include "store/import_store.h"
#include "store/number_list.h"
#include "store/result_rows.h"
#include "store/schema_suffixes.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Tokens and issuers here that are bound to the number: who holds them would see the domain.
Result<std::string> boundTo(Session& session, const std::string& control, DomainNumber number) {
  StatementBatch batch;
  batch.add(
      inControl("SELECT CONCAT('token ', name), domain_numbers FROM {control}.api_tokens "
                "WHERE domain_numbers IS NOT NULL ORDER BY name",
                control));
  batch.add(
      inControl("SELECT CONCAT('token issuer ', name), domain_numbers FROM "
                "{control}.token_issuers WHERE domain_numbers IS NOT NULL ORDER BY name",
                control));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::string names;
  for (auto& result : *results) {
    for (auto& row : result.rows) {
      const auto numbers = readNumbers(*row.at(1));
      if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) continue;
      names += (names.empty() ? "" : ", ") + takeText(row, 0);
    }
  }
  return names;
}

/// Whether the audit tells of the deletion of a domain of this name and number, and of no other one
/// of the number. That the installation is the same does not say whose the number was: a copy of it
/// gives the next numbers to domains of its own. O(audit), which has no index for it.
Result<bool> wasOfThatName(Session& session, const std::string& control, const DomainRow& wanted) {
  StatementBatch batch;
  batch.add(inControl("SELECT DISTINCT domain_name FROM {control}.audit_events WHERE action = "
                      "'domain.deleted' AND domain_number = ?",
                      control),
            {std::uint64_t{wanted.tables.number.value()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  const auto& names = results->front().rows;
  return names.size() == 1 && names.front().at(0) == wanted.name.value();
}

/// What is in the way of the domain: the one of its name, if that may go.
Result<std::optional<DomainRow>> findFormer(Session& session, const std::string& control,
                                            const DomainRow& wanted, const PlaceOptions& options) {
  const auto number = wanted.tables.number;
  const auto& name = wanted.name.value();
  StatementBatch batch;
  batch.add(selectDomains(control, " WHERE name = ? OR number = ?"),
            {std::string_view(name), std::uint64_t{number.value()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::optional<DomainRow> former;
  for (auto& row : results->front().rows) {
    auto domain = takeDomain(row);
    if (domain.name != wanted.name) {
      return failure(ErrorKind::kConflict,
                     "the domain " + name + " has number " + std::to_string(number.value()) +
                         ", which is part of every id in it, and that is the number of " +
                         domain.name.value() + " here");
    }
    former = std::move(domain);
  }
  if (!former) {
    auto bound = boundTo(session, control, number);
    if (!bound) return propagate(bound);
    if (bound->empty()) return former;
    if (options.same_installation) {
      auto same = wasOfThatName(session, control, wanted);
      if (!same) return propagate(same);
      if (*same) return former;
    }
    return failure(
        ErrorKind::kConflict,
        "the domain " + name + " has number " + std::to_string(number.value()) +
            ", which a deleted domain had here, and the audit does not say that it was this "
            "one: it would be open to " +
            *bound + "; revoke what is bound to the deleted domain first");
  }
  if (former->tables.number != number) {
    return failure(ErrorKind::kConflict, "there is another user store domain " + name +
                                             " here, with another number: its ids are not those "
                                             "of the backup");
  }
  const auto& state = former->state;
  if (state == "restoring") return former;
  if (state != "active" && state != "moved") {
    return failure(ErrorKind::kConflict,
                   "the user store domain " + name + " is in state " + state + ": end that first");
  }
  if (!options.replace) {
    return failure(ErrorKind::kUniqueness, "the user store domain " + name +
                                               " exists already: --replace restores it over "
                                               "what it holds now");
  }
  return former;
}

/// Deletes what belongs to the number in tables that domains share, but for the audit.
Result<void> clearShared(Session& session, const std::string& control, DomainNumber number) {
  if (auto gone = deleteIdentitiesOfDomain(session, control, number); !gone) return gone;
  if (auto gone = deleteConsentOfDomain(session, control, number); !gone) return gone;
  if (auto gone = forgetImportsOfDomain(session, control, number); !gone) return gone;
  StatementBatch batch;
  batch.add(inControl("DELETE FROM {control}.attribute_indexes WHERE domain_number = ?", control),
            {std::uint64_t{number.value()}});
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

/// Takes away what the former domain holds and gives its row another schema: a process that has not
/// heard of this yet cannot write into the new one.
Result<void> takeOver(Session& session, const std::string& control, const DomainRow& former,
                      const DomainRow& wanted) {
  const std::uint64_t number = wanted.tables.number.value();
  const auto schema = unquoteName(wanted.tables.schema);
  const auto old = unquoteName(former.tables.schema);
  StatementBatch batch;
  beginChange(batch, control);
  batch.add(inControl("UPDATE {control}.domains SET state = 'restoring' WHERE number = ?", control),
            {number});
  auto results = batch.commit().repeatable().run(session);
  if (!results) return propagate(results);
  batch.add("DROP DATABASE IF EXISTS " + former.tables.schema);
  batch.add("DROP DATABASE IF EXISTS " + wanted.tables.schema);
  batch.add(inControl("DELETE FROM {control}.migrations WHERE schema_name IN (?, ?)", control),
            {std::string_view(old), std::string_view(schema)});
  if (results = batch.repeatable().run(session); !results) return propagate(results);
  beginChange(batch, control);
  batch.add(inControl("UPDATE {control}.domains SET schema_name = ?, description = ?, settings = "
                      "?, version = ?, created = ?, modified = ? WHERE number = ?",
                      control),
            {std::string_view(schema), std::string_view(wanted.description),
             std::string_view(wanted.settings), wanted.version.value(), wanted.created,
             wanted.modified, number});
  if (results = batch.commit().repeatable().run(session); !results) return propagate(results);
  return {};
}

Result<void> insertPlace(Session& session, const std::string& control, const DomainRow& wanted) {
  const std::uint64_t number = wanted.tables.number.value();
  const auto schema = unquoteName(wanted.tables.schema);
  StatementBatch batch;
  batch.add("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?",
            {std::string_view(schema)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (unsignedAt(results->front().rows.at(0), 0) != 0) {
    return failure(ErrorKind::kConflict, "the database server has a schema " + schema +
                                             " already, which is no domain's: rename or drop it");
  }
  beginChange(batch, control);
  batch.add(inControl("UPDATE {control}.control_state SET next_domain_number = "
                      "GREATEST(next_domain_number, ?) WHERE singleton = 1",
                      control),
            {number + 1});
  batch.add(inControl("INSERT INTO {control}.domains (number, name, schema_name, state, "
                      "description, settings, version, created, modified) VALUES (?, ?, ?, "
                      "'restoring', ?, ?, ?, ?, ?)",
                      control),
            {number, std::string_view(wanted.name.value()), std::string_view(schema),
             std::string_view(wanted.description), std::string_view(wanted.settings),
             wanted.version.value(), wanted.created, wanted.modified});
  if (results = batch.commit().run(session); !results) return propagate(results);
  return {};
}

}  // namespace

std::string installationOf(Timestamp primary_created) {
  return toHex(sha256("PRIMARY " + std::to_string(primary_created)));
}

Result<void> checkPlace(Session& session, const std::string& control_schema,
                        const DomainRow& wanted, const PlaceOptions& options) {
  auto former = findFormer(session, control_schema, wanted, options);
  if (!former) return propagate(former);
  return {};
}

Result<DomainRow> makePlace(Session& session, const std::string& control_schema,
                            const std::string& schema_prefix, DomainRow wanted,
                            const PlaceOptions& options) {
  auto former = findFormer(session, control_schema, wanted, options);
  if (!former) return propagate(former);
  const auto plain = schemaNameOf(schema_prefix, wanted.name, wanted.tables.number);
  wanted.state = "restoring";
  wanted.tables.schema = quoteName(plain);
  Result<void> placed;
  if (*former) {
    if ((*former)->tables.schema == wanted.tables.schema) {
      wanted.tables.schema = quoteName(plain + std::string(kRestoredSuffix));
    }
    placed = takeOver(session, control_schema, **former, wanted);
  } else {
    placed = insertPlace(session, control_schema, wanted);
  }
  if (placed) placed = clearShared(session, control_schema, wanted.tables.number);
  if (placed) placed = createSchema(session, wanted.tables.schema);
  if (!placed) return propagate(placed);
  return wanted;
}

}  // namespace vestibule::store
