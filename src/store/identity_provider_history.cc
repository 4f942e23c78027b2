#include "store/identity_provider_history.h"

#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {

Result<std::vector<IdentityProviderVersion>> identityProviderHistory(
    Session& session, const std::string& control_schema, const std::string& name) {
  StatementBatch batch;
  batch.add(inControl("SELECT version, changed, changed_by, settings IS NULL FROM "
                      "{control}.identity_provider_history WHERE name = ? ORDER BY version DESC",
                      control_schema),
            {std::string_view(name)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<IdentityProviderVersion> history;
  for (auto& row : results->front().rows) {
    history.push_back(
        {Version(unsignedAt(row, 0)), signedAt(row, 1), takeText(row, 2), unsignedAt(row, 3) != 0});
  }
  return history;
}

Result<std::optional<std::string>> identityProviderSettingsOf(Session& session,
                                                              const std::string& control_schema,
                                                              const std::string& name,
                                                              Version version) {
  StatementBatch batch;
  batch.add(inControl("SELECT settings FROM {control}.identity_provider_history WHERE name = ? AND "
                      "version = ?",
                      control_schema),
            {std::string_view(name), version.value()});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = results->front().rows;
  return rows.empty() ? std::nullopt : std::move(rows.front().front());
}

}  // namespace vestibule::store
