#include "store/event_key_store.h"

#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/sealed_columns.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {

Result<std::vector<EventKeyRow>> readEventKeys(Session& session,
                                               const std::string& control_schema) {
  StatementBatch batch;
  batch.add(inControl("SELECT number, secret, created FROM {control}.event_keys ORDER BY number",
                      control_schema));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<EventKeyRow> keys;
  for (auto& row : results->front().rows) {
    auto secret = session.secretKeys().open(takeText(row, 1), kEventKey);
    if (!secret) return propagate(secret);
    keys.push_back(
        {static_cast<std::uint32_t>(unsignedAt(row, 0)), *std::move(secret), signedAt(row, 2)});
  }
  return keys;
}

Result<void> addFirstEventKey(Session& session, const std::string& control_schema,
                              const std::string& secret, Timestamp now) {
  const std::string stored = session.secretKeys().seal(secret, kEventKey);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("INSERT INTO {control}.event_keys (secret, created) SELECT ?, ? FROM DUAL "
                      "WHERE NOT EXISTS (SELECT 1 FROM {control}.event_keys k)",
                      control_schema),
            {Blob{stored}, std::int64_t{now}});
  auto added = batch.commit().run(session);
  if (!added) return propagate(added);
  return {};
}

Result<void> rotateEventKey(Session& session, const std::string& control_schema,
                            const std::string& secret, std::optional<Timestamp> signs,
                            const AuditEvent& event) {
  const std::string stored_secret = session.secretKeys().seal(secret, kEventKey);
  StatementBatch batch;
  beginChange(batch, control_schema);
  // Numbers have 32 bits.
  std::uint64_t first_that_stays = UINT64_MAX;
  if (signs) {
    batch.add(inControl("SELECT MAX(number) FROM {control}.event_keys WHERE created <= ?",
                        control_schema),
              {std::int64_t{*signs}});
    auto found = batch.run(session);
    if (!found) return propagate(found);
    const auto& row = found->back().rows.at(0);
    first_that_stays = row[0] ? unsignedAt(row, 0) : 0;
  }
  batch.add(inControl("DELETE FROM {control}.event_keys WHERE number < ?", control_schema),
            {first_that_stays});
  batch.add(
      inControl("INSERT INTO {control}.event_keys (secret, created) VALUES (?, ?)", control_schema),
      {Blob{stored_secret}, std::int64_t{event.occurred}});
  auto stored = commitChange(batch, session, control_schema, &event);
  if (!stored) return propagate(stored);
  return {};
}

}  // namespace vestibule::store
