#include "store/token_issuer_store.h"

#include "store/audit_rows.h"
#include "store/control_change.h"
#include "store/number_list.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

Parameter numbersOrNull(const std::optional<std::string>& numbers) {
  return numbers ? Parameter(std::string_view(*numbers)) : Parameter(nullptr);
}

std::optional<std::string> numbersOf(const TokenIssuerText& text) {
  if (!text.domains) return std::nullopt;
  return numbersText(*text.domains);
}

/// Runs the one statement that changes the issuer, and behind it its event. Returns how many rows
/// it met.
Result<std::uint64_t> change(Session& session, const std::string& control_schema,
                             std::string_view sql, const std::vector<Parameter>& parameters,
                             const AuditEvent& event) {
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl(sql, control_schema), parameters);
  audit.addIfChangedTo(batch, control_schema);
  auto results = batch.commit().run(session);
  if (results) {
    constexpr std::size_t kPlaceOfChange = 2;
    return results->at(kPlaceOfChange).affected;
  }
  if (session.failure() != Failure::kDuplicate) return propagate(results);
  const bool by_name = session.duplicateKey() == "token_issuer_name";
  return failure(ErrorKind::kUniqueness,
                 by_name ? "a token issuer of this name exists already"
                         : "another token issuer has this issuer",
                 by_name ? "name" : "issuer");
}

Result<void> requireMet(Result<std::uint64_t> rows) {
  if (!rows) return propagate(rows);
  if (*rows > 0) return {};
  return failure(ErrorKind::kVersionMismatch, "the token issuer has been changed since");
}

}  // namespace

Result<void> insertTokenIssuer(Session& session, const std::string& control_schema,
                               const std::string& name, const TokenIssuerText& text,
                               const AuditEvent& event) {
  const auto numbers = numbersOf(text);
  auto rows = change(
      session, control_schema,
      "INSERT INTO {control}.token_issuers (name, issuer, settings, domain_numbers, "
      "version, created, modified) VALUES (?, ?, ?, ?, 1, ?, ?)",
      {std::string_view(name), std::string_view(text.issuer), std::string_view(text.settings),
       numbersOrNull(numbers), std::int64_t{event.occurred}, std::int64_t{event.occurred}},
      event);
  if (!rows) return propagate(rows);
  return {};
}

Result<void> updateTokenIssuer(Session& session, const std::string& control_schema,
                               TokenIssuerNumber number, Version expected,
                               const TokenIssuerText& text, const AuditEvent& event) {
  const auto numbers = numbersOf(text);
  return requireMet(change(
      session, control_schema,
      "UPDATE {control}.token_issuers SET issuer = ?, settings = ?, domain_numbers = ?, version = "
      "version + 1, modified = ? WHERE number = ? AND version = ?",
      {std::string_view(text.issuer), std::string_view(text.settings), numbersOrNull(numbers),
       std::int64_t{event.occurred}, std::uint64_t{number}, expected.value()},
      event));
}

Result<void> deleteTokenIssuer(Session& session, const std::string& control_schema,
                               TokenIssuerNumber number, Version expected,
                               const AuditEvent& event) {
  return requireMet(change(session, control_schema,
                           "DELETE FROM {control}.token_issuers WHERE number = ? AND version = ?",
                           {std::uint64_t{number}, expected.value()}, event));
}

}  // namespace vestibule::store
