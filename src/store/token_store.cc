#include "store/token_store.h"

#include "base/encoding.h"
#include "store/audit_rows.h"
#include "store/control_change.h"
#include "store/number_list.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kIdDigits = 32;

Parameter timeOrNull(const std::optional<Timestamp>& time) {
  return time ? Parameter(std::int64_t{*time}) : Parameter(nullptr);
}

Parameter rateOrNull(const std::optional<std::uint32_t>& rate) {
  return rate ? Parameter(std::uint64_t{*rate}) : Parameter(nullptr);
}

/// Runs the one statement that changes the token, and behind it its event. False when there is no
/// such token.
Result<bool> changeToken(Session& session, const std::string& control_schema, std::string_view sql,
                         const std::vector<Parameter>& parameters, const AuditEvent& event) {
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl(sql, control_schema), parameters);
  audit.addIfChangedTo(batch, control_schema);
  auto results = batch.commit().run(session);
  if (!results) return propagate(results);
  constexpr std::size_t kPlaceOfChange = 2;
  return results->at(kPlaceOfChange).affected > 0;
}

}  // namespace

Result<void> insertToken(Session& session, const std::string& control_schema, const TokenRow& token,
                         const AuditEvent* event) {
  bool id_ok = token.id.size() == kIdDigits;
  for (const char c : token.id) id_ok = id_ok && hexDigit(c) >= 0;
  if (!id_ok || token.sha256.size() != kDigestBytes) {
    return failure(ErrorKind::kInvalidValue, "the id or digest of a token has another length");
  }
  const std::string domains = numbersText(token.domains.value_or(std::vector<DomainNumber>{}));
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(
      inControl("INSERT INTO {control}.api_tokens (id, name, token_sha256, scopes, domain_numbers, "
                "created, expires, tolerances, user_id, requests_per_minute) VALUES (UNHEX(?), ?, "
                "?, ?, ?, ?, ?, ?, ?, ?)",
                control_schema),
      {std::string_view(token.id), std::string_view(token.name), Blob{token.sha256},
       std::string_view(token.scopes),
       token.domains ? Parameter(std::string_view(domains)) : Parameter(nullptr), token.created,
       timeOrNull(token.expires),
       token.tolerances ? Parameter(std::string_view(*token.tolerances)) : Parameter(nullptr),
       token.user ? Parameter(Blob{token.user->bytes()}) : Parameter(nullptr),
       rateOrNull(token.requests_per_minute)});
  auto results = commitChange(batch, session, control_schema, event);
  if (results) return {};
  if (session.failure() == Failure::kDuplicate && session.duplicateKey() == "api_token_name") {
    return failure(ErrorKind::kUniqueness, "a token of this name exists already", "name");
  }
  return propagate(results);
}

Result<bool> updateToken(Session& session, const std::string& control_schema,
                         const std::string& name, const TokenTerms& terms,
                         const AuditEvent& event) {
  return changeToken(
      session, control_schema,
      "UPDATE {control}.api_tokens SET expires = ?, requests_per_minute = ? WHERE name = ?",
      {timeOrNull(terms.expires), rateOrNull(terms.requests_per_minute), std::string_view(name)},
      event);
}

Result<bool> rotateToken(Session& session, const std::string& control_schema,
                         const std::string& name, const std::string& sha256, Timestamp rotated,
                         std::optional<Timestamp> former_expires, const TokenTerms& terms,
                         const AuditEvent& event) {
  if (sha256.size() != kDigestBytes) {
    return failure(ErrorKind::kInvalidValue, "the digest of a token has another length");
  }
  // From left to right: the former text is the one that the next assignment replaces.
  return changeToken(
      session, control_schema,
      "UPDATE {control}.api_tokens SET former_expires = ?, former_sha256 = IF(former_expires IS "
      "NULL, NULL, token_sha256), token_sha256 = ?, rotated = ?, expires = ?, "
      "requests_per_minute = ? WHERE name = ?",
      {timeOrNull(former_expires), Blob{sha256}, std::int64_t{rotated}, timeOrNull(terms.expires),
       rateOrNull(terms.requests_per_minute), std::string_view(name)},
      event);
}

Result<bool> deleteToken(Session& session, const std::string& control_schema,
                         const std::string& name, const AuditEvent& event) {
  return changeToken(session, control_schema, "DELETE FROM {control}.api_tokens WHERE name = ?",
                     {std::string_view(name)}, event);
}

Result<void> noteTokenUses(Session& session, const std::string& control_schema,
                           const std::vector<TokenUse>& uses) {
  if (uses.empty()) return {};
  StatementBatch batch;
  for (const auto& use : uses) {
    batch.add(inControl("UPDATE {control}.api_tokens SET last_used = ? WHERE id = UNHEX(?) AND "
                        "(last_used IS NULL OR last_used < ?)",
                        control_schema),
              {std::int64_t{use.used}, std::string_view(use.id), std::int64_t{use.used}});
  }
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

Result<std::vector<TokenUse>> readTokenUses(Session& session, const std::string& control_schema) {
  StatementBatch batch;
  batch.add(
      inControl("SELECT LOWER(HEX(id)), last_used FROM {control}.api_tokens WHERE last_used "
                "IS NOT NULL",
                control_schema));
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  std::vector<TokenUse> uses;
  for (auto& row : results->front().rows) uses.push_back({takeText(row, 0), signedAt(row, 1)});
  return uses;
}

}  // namespace vestibule::store
