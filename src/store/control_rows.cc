#include "store/control_rows.h"

#include "store/control_change.h"
#include "store/domain_rows.h"
#include "store/number_list.h"
#include "store/result_rows.h"
#include "store/sealed_columns.h"
#include "store/session.h"

namespace vestibule::store {
namespace {

struct RevisionQuery {
  RevisionQuery(Session& session, const std::string& control)
      : statement(
            (session.soci().prepare << inControl("SELECT revision FROM "
                                                 "{control}.control_state WHERE singleton = 1",
                                                 control),
             soci::into(revision))) {}
  unsigned long long revision = 0;
  soci::statement statement;
};

TokenRow readToken(ResultRow& row) {
  TokenRow token;
  token.id = takeText(row, 0);
  token.name = takeText(row, 1);
  token.sha256 = takeText(row, 2);
  token.scopes = takeText(row, 3);
  if (row[4]) token.domains = readNumbers(*row[4]);
  token.created = signedAt(row, 5);
  if (row[6]) token.expires = signedAt(row, 6);
  if (row[7]) token.tolerances = takeText(row, 7);
  if (row[8]) token.user = idAt(row, 8);
  if (row[9] && row[10]) token.former = FormerText{takeText(row, 9), signedAt(row, 10)};
  if (row[11]) token.rotated = signedAt(row, 11);
  if (row[12]) token.last_used = signedAt(row, 12);
  if (row[13]) token.requests_per_minute = static_cast<std::uint32_t>(unsignedAt(row, 13));
  return token;
}

TokenIssuerRow readTokenIssuer(ResultRow& row) {
  TokenIssuerRow issuer;
  issuer.number = static_cast<TokenIssuerNumber>(unsignedAt(row, 0));
  issuer.name = takeText(row, 1);
  issuer.text.issuer = takeText(row, 2);
  issuer.text.settings = takeText(row, 3);
  if (row[4]) issuer.text.domains = readNumbers(*row[4]);
  issuer.version = Version(unsignedAt(row, 5));
  issuer.created = signedAt(row, 6);
  issuer.modified = signedAt(row, 7);
  return issuer;
}

/// The secret of what is stored; nothing where it cannot be opened, and `fault` says why. One such
/// row must not stop every login.
std::optional<std::string> openSecret(const SecretKeys& keys, std::string_view stored,
                                      std::string_view bound, std::string& fault) {
  auto secret = keys.open(stored, bound);
  if (secret) return *std::move(secret);
  fault = secret.error().detail;
  return std::nullopt;
}

OutboundTargetRow readOutboundTarget(const SecretKeys& keys, ResultRow& row) {
  OutboundTargetRow target;
  target.number = static_cast<OutboundTargetNumber>(unsignedAt(row, 0));
  target.name = takeText(row, 1);
  target.text.settings = takeText(row, 2);
  target.text.secret =
      openSecret(keys, takeText(row, 3), kTargetSecret, target.secret_fault).value_or("");
  if (row[4]) target.text.domains = readNumbers(*row[4]);
  target.text.enabled = unsignedAt(row, 5) != 0;
  target.version = Version(unsignedAt(row, 6));
  target.created = signedAt(row, 7);
  target.modified = signedAt(row, 8);
  return target;
}

EventStreamRow readEventStream(const SecretKeys& keys, ResultRow& row) {
  EventStreamRow stream;
  stream.number = static_cast<EventStreamNumber>(unsignedAt(row, 0));
  stream.name = takeText(row, 1);
  stream.text.settings = takeText(row, 2);
  if (row[3]) stream.text.domains = readNumbers(*row[3]);
  if (row[4]) {
    stream.text.authorization =
        openSecret(keys, *row[4], kStreamAuthorization, stream.secret_fault);
  }
  if (row[5]) {
    stream.text.signing_secret = openSecret(keys, *row[5], kStreamSecret, stream.secret_fault);
  }
  stream.version = Version(unsignedAt(row, 6));
  stream.created = signedAt(row, 7);
  stream.modified = signedAt(row, 8);
  return stream;
}

IdentityProviderRow readIdentityProvider(ResultRow& row) {
  IdentityProviderRow provider;
  provider.number = static_cast<IdentityProviderNumber>(unsignedAt(row, 0));
  provider.name = takeText(row, 1);
  provider.settings = takeText(row, 2);
  provider.version = Version(unsignedAt(row, 3));
  provider.created = signedAt(row, 4);
  provider.modified = signedAt(row, 5);
  return provider;
}

ConsentPurposeRow readConsentPurpose(ResultRow& row) {
  ConsentPurposeRow purpose;
  purpose.number = static_cast<ConsentPurposeNumber>(unsignedAt(row, 0));
  purpose.name = takeText(row, 1);
  purpose.text = {takeText(row, 2), takeText(row, 3)};
  purpose.version = static_cast<std::uint32_t>(unsignedAt(row, 4));
  purpose.created = signedAt(row, 5);
  purpose.modified = signedAt(row, 6);
  return purpose;
}

}  // namespace

Result<std::uint64_t> readRevision(Session& session, const std::string& control_schema) {
  auto revision = session.guard([&]() -> std::optional<std::uint64_t> {
    auto& query = session.prepared<RevisionQuery>(control_schema);
    if (!query.statement.execute(true)) return std::nullopt;
    return query.revision;
  });
  if (!revision) return propagate(revision);
  if (!*revision) return internalFailure("the control schema has lost its state row");
  return **revision;
}

Result<ControlRows> readControlRows(Session& session, const std::string& control_schema) {
  StatementBatch batch;
  const auto add = [&](std::string_view sql) { batch.add(inControl(sql, control_schema)); };
  // One snapshot for all reads; the next transaction is READ COMMITTED again.
  add("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  add("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  add("SELECT revision FROM {control}.control_state WHERE singleton = 1");
  batch.add(selectDomains(control_schema, " ORDER BY number"));
  add("SELECT number, name, settings, version, created, modified FROM {control}.identity_providers "
      "ORDER BY number");
  add("SELECT LOWER(HEX(id)), name, token_sha256, scopes, domain_numbers, created, expires, "
      "tolerances, user_id, former_sha256, former_expires, rotated, last_used, requests_per_minute "
      "FROM {control}.api_tokens ORDER BY created, name");
  add("SELECT number, name, settings, terms, version, created, modified FROM "
      "{control}.consent_purposes ORDER BY number");
  add("SELECT number, name, issuer, settings, domain_numbers, version, created, modified FROM "
      "{control}.token_issuers ORDER BY number");
  add("SELECT number, name, settings, secret, domain_numbers, enabled, version, created, modified "
      "FROM {control}.outbound_targets ORDER BY number");
  add("SELECT number, name, settings, domain_numbers, authorization_value, signing_secret, "
      "version, created, modified FROM {control}.event_streams ORDER BY number");
  add("COMMIT");
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);

  ControlRows rows;
  auto& state = results->at(2).rows;
  if (state.empty()) return internalFailure("the control schema has lost its state row");
  rows.revision = unsignedAt(state.front(), 0);
  for (auto& row : results->at(3).rows) rows.domains.push_back(takeDomain(row));
  for (auto& row : results->at(4).rows) {
    rows.identity_providers.push_back(readIdentityProvider(row));
  }
  for (auto& row : results->at(5).rows) rows.tokens.push_back(readToken(row));
  for (auto& row : results->at(6).rows) rows.consent_purposes.push_back(readConsentPurpose(row));
  for (auto& row : results->at(7).rows) rows.token_issuers.push_back(readTokenIssuer(row));
  const SecretKeys& keys = session.secretKeys();
  for (auto& row : results->at(8).rows) {
    rows.outbound_targets.push_back(readOutboundTarget(keys, row));
  }
  for (auto& row : results->at(9).rows) rows.event_streams.push_back(readEventStream(keys, row));
  return rows;
}

}  // namespace vestibule::store
