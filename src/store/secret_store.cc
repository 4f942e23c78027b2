#include "store/secret_store.h"

#include "base/crypto.h"
#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/sealed_columns.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kSecretBytes = 32;

}  // namespace

Result<Secret> sharedSecret(Database& database, const std::string& name) {
  const std::string control = database.controlSchema();
  const std::string bound = sharedSecretBound(name);
  return database.write([&](Session& session) -> Result<Secret> {
    const std::string fresh = session.secretKeys().seal(randomBytes(kSecretBytes), bound);
    StatementBatch batch;
    // IGNORE: who comes second keeps what is there, and reads it.
    batch.add(
        inControl("INSERT IGNORE INTO {control}.secrets (name, value) VALUES (?, ?)", control),
        {std::string_view(name), Blob{fresh}});
    batch.add(inControl("SELECT value FROM {control}.secrets WHERE name = ?", control),
              {std::string_view(name)});
    auto results = batch.repeatable().run(session);
    if (!results) return propagate(results);
    auto& rows = results->at(1).rows;
    if (rows.empty()) return internalFailure("a shared secret was not stored");
    auto opened = session.secretKeys().open(takeText(rows.front(), 0), bound);
    if (!opened) return propagate(opened);
    return Secret(*std::move(opened));
  });
}

}  // namespace vestibule::store
