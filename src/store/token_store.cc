#include "store/token_store.h"

#include "base/encoding.h"
#include "store/control_change.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kIdDigits = 32;

}  // namespace

Result<void> insertToken(Session& session, const std::string& control_schema,
                         const TokenRow& token) {
  bool id_ok = token.id.size() == kIdDigits;
  for (const char c : token.id) id_ok = id_ok && hexDigit(c) >= 0;
  if (!id_ok || token.sha256.size() != kDigestBytes) {
    return failure(ErrorKind::kInvalidValue, "the id or digest of a token has another length");
  }
  std::string domains;
  for (const auto number : token.domains.value_or(std::vector<DomainNumber>{})) {
    domains += (domains.empty() ? "" : " ") + std::to_string(number.value());
  }
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(
      inControl("INSERT INTO {control}.api_tokens (id, name, token_sha256, scopes, domain_numbers, "
                "created, expires, tolerances, user_id) VALUES (UNHEX(?), ?, ?, ?, ?, ?, ?, ?, ?)",
                control_schema),
      {std::string_view(token.id), std::string_view(token.name), Blob{token.sha256},
       std::string_view(token.scopes),
       token.domains ? Parameter(std::string_view(domains)) : Parameter(nullptr), token.created,
       token.expires ? Parameter(*token.expires) : Parameter(nullptr),
       token.tolerances ? Parameter(std::string_view(*token.tolerances)) : Parameter(nullptr),
       token.user ? Parameter(Blob{token.user->bytes()}) : Parameter(nullptr)});
  auto results = batch.commit().run(session);
  if (results) return {};
  if (session.failure() == Failure::kDuplicate && session.duplicateKey() == "api_token_name") {
    return failure(ErrorKind::kUniqueness, "a token of this name exists already", "name");
  }
  return propagate(results);
}

Result<bool> deleteToken(Session& session, const std::string& control_schema,
                         const std::string& name) {
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("DELETE FROM {control}.api_tokens WHERE name = ?", control_schema),
            {std::string_view(name)});
  auto results = batch.commit().run(session);
  if (!results) return propagate(results);
  return results->at(2).affected > 0;
}

}  // namespace vestibule::store
