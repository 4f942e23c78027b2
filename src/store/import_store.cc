#include "store/import_store.h"

#include "store/import_rows.h"
#include "store/import_statements.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/uniqueness.h"

namespace vestibule::store {
namespace {

/// Rows that one statement deletes: it must end before the session's read time-out.
constexpr std::uint64_t kBatchesPerDelete = 1'000;

Result<std::vector<StatementResult>> readBatches(Session& session, std::string_view sql,
                                                 const std::string& control_schema,
                                                 std::uint64_t seq, std::uint8_t pass,
                                                 std::uint64_t from, std::uint64_t limit) {
  StatementBatch batch;
  batch.add(forSchemas(sql, {}, control_schema), {seq, std::uint64_t{pass}, from, limit});
  return batch.run(session);
}

}  // namespace

ImportCounts& ImportCounts::operator+=(const ImportCounts& other) {
  created += other.created;
  replaced += other.replaced;
  unchanged += other.unchanged;
  rejected += other.rejected;
  return *this;
}

void addImportBatch(StatementBatch& batch, const std::string& control_schema,
                    const ImportBatchMark& mark) {
  batch.add(forSchemas(sql::kInsertImportBatch, {}, control_schema),
            {mark.import_seq, std::uint64_t{mark.pass}, mark.batch, mark.counts.created,
             mark.counts.replaced, mark.counts.unchanged, mark.counts.rejected,
             std::string_view(mark.report)});
}

Error nameImportFailure(const Session& session, Error error) {
  // Of the tables that a batch writes to, only this one has no unique index but its primary key.
  if (session.failure() == Failure::kDuplicate && session.duplicateKey() == "PRIMARY") {
    return {ErrorKind::kConflict, "another process runs the same import", {}, {}, {}};
  }
  // ER_NO_REFERENCED_ROW_2: somebody began the import anew.
  if (session.failure() == Failure::kReference) {
    return {ErrorKind::kConflict, "another process has begun the same import anew", {}, {}, {}};
  }
  return nameDuplicate(session, std::move(error));
}

Result<std::optional<std::uint64_t>> findImport(Session& session, const std::string& control_schema,
                                                const std::string& fingerprint) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kFindImport, {}, control_schema), {Blob{fingerprint}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  const auto& rows = results->front().rows;
  if (rows.empty()) return std::optional<std::uint64_t>();
  return std::optional(unsignedAt(rows.front(), 0));
}

Result<std::uint64_t> beginImport(Session& session, const std::string& control_schema,
                                  const NewImport& import) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kInsertImport, {}, control_schema),
            {Blob{import.fingerprint}, std::uint64_t{import.domain.value()},
             static_cast<std::int64_t>(import.begun)});
  batch.add("SELECT LAST_INSERT_ID()");
  auto results = batch.run(session);
  if (results) return unsignedAt(results->back().rows.front(), 0);
  if (session.failure() == Failure::kDuplicate) {
    return failure(ErrorKind::kConflict, "this import has begun already");
  }
  return propagate(results);
}

Result<void> forgetImport(Session& session, const std::string& control_schema, std::uint64_t seq) {
  for (;;) {
    StatementBatch batch;
    batch.add(forSchemas(sql::kDeleteImportBatches, {}, control_schema), {seq, kBatchesPerDelete})
        .repeatable();
    auto deleted = batch.run(session);
    if (!deleted) return propagate(deleted);
    if (deleted->front().affected < kBatchesPerDelete) break;
  }
  StatementBatch batch;
  batch.add(forSchemas(sql::kDeleteImport, {}, control_schema), {seq}).repeatable();
  auto deleted = batch.run(session);
  if (!deleted) return propagate(deleted);
  return {};
}

Result<void> forgetImportsOfDomain(Session& session, const std::string& control_schema,
                                   DomainNumber domain) {
  StatementBatch batch;
  batch.add(
      forSchemas("SELECT seq FROM {control}.imports WHERE domain_number = ?", {}, control_schema),
      {std::uint64_t{domain.value()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  for (const auto seq : numbersOf(results->front().rows)) {
    if (auto gone = forgetImport(session, control_schema, seq); !gone) return gone;
  }
  return {};
}

Result<void> markImportBatch(Session& session, const std::string& control_schema,
                             const ImportBatchMark& mark) {
  StatementBatch batch;
  addImportBatch(batch, control_schema, mark);
  auto stored = batch.run(session);
  if (!stored) return tl::make_unexpected(nameImportFailure(session, std::move(stored.error())));
  return {};
}

Result<std::vector<ImportedBatch>> listImportedBatches(Session& session,
                                                       const std::string& control_schema,
                                                       std::uint64_t seq, std::uint8_t pass,
                                                       std::uint64_t from, std::uint64_t limit) {
  auto results = readBatches(session, sql::kImportBatches, control_schema, seq, pass, from, limit);
  if (!results) return propagate(results);
  std::vector<ImportedBatch> batches;
  for (const auto& row : results->front().rows) {
    batches.push_back(
        {unsignedAt(row, 0),
         {unsignedAt(row, 1), unsignedAt(row, 2), unsignedAt(row, 3), unsignedAt(row, 4)}});
  }
  return batches;
}

Result<std::vector<ImportReport>> listImportReports(Session& session,
                                                    const std::string& control_schema,
                                                    std::uint64_t seq, std::uint8_t pass,
                                                    std::uint64_t from, std::uint64_t limit) {
  auto results = readBatches(session, sql::kImportReports, control_schema, seq, pass, from, limit);
  if (!results) return propagate(results);
  std::vector<ImportReport> reports;
  for (auto& row : results->front().rows) {
    reports.push_back({unsignedAt(row, 0), takeText(row, 1)});
  }
  return reports;
}

}  // namespace vestibule::store
