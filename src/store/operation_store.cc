#include "store/operation_store.h"

#include "store/operation_statements.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

Parameter textOrNull(const std::string& text) {
  return text.empty() ? Parameter(nullptr) : Parameter(std::string_view(text));
}

Parameter textOrNull(const std::optional<std::string>& text) {
  return text ? Parameter(std::string_view(*text)) : Parameter(nullptr);
}

std::int64_t microseconds(std::chrono::microseconds time) { return time.count(); }

std::uint64_t numberOf(OperationState state) { return static_cast<std::uint64_t>(state); }

Operation takeOperation(ResultRow& row) {
  const auto textAt = [&](std::size_t column) {
    return row[column] ? takeText(row, column) : std::string();
  };
  Operation operation;
  operation.seq = unsignedAt(row, 0);
  operation.id = OperationId(takeText(row, 1));
  operation.state = static_cast<OperationState>(unsignedAt(row, 2));
  operation.due = signedAt(row, 3);
  operation.attempts = static_cast<std::uint32_t>(unsignedAt(row, 4));
  operation.token_id = takeText(row, 5);
  operation.request_digest = takeText(row, 6);
  operation.identity_provider = takeText(row, 7);
  operation.subject = Subject(takeText(row, 8));
  operation.correlation_id = takeText(row, 9);
  operation.request = std::move(row[10]);
  operation.outcome = std::move(row[11]);
  if (row[12]) operation.domain = DomainNumber(static_cast<std::uint16_t>(unsignedAt(row, 12)));
  if (row[13]) operation.user = idAt(row, 13);
  operation.groups = std::move(row[14]);
  operation.code = textAt(15);
  operation.detail = textAt(16);
  operation.created = signedAt(row, 17);
  if (row[18]) operation.finished = signedAt(row, 18);
  return operation;
}

/// Runs one statement that gives operations.
Result<std::vector<Operation>> readOperations(Session& session, const std::string& text,
                                              const std::vector<Parameter>& parameters) {
  StatementBatch batch;
  batch.add(text, parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<Operation> operations;
  for (auto& row : results->front().rows) operations.push_back(takeOperation(row));
  return operations;
}

Result<std::optional<Operation>> readOne(Session& session, const std::string& text,
                                         const std::string& key) {
  auto operations = readOperations(session, text, {Blob{key}});
  if (!operations) return propagate(operations);
  if (operations->empty()) return std::optional<Operation>();
  return std::optional(std::move(operations->front()));
}

/// Runs one statement; how many rows it met.
Result<std::uint64_t> change(Session& session, const std::string& text,
                             const std::vector<Parameter>& parameters) {
  StatementBatch batch;
  batch.add(text, parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return results->front().affected;
}

/// Locks the rows that `find` gives, has `apply` change these, and commits. The numbers of the
/// rows.
template <typename Apply>
Result<std::vector<std::uint64_t>> changeFound(Session& session, const std::string& find,
                                               std::uint64_t limit, Apply&& apply) {
  StatementBatch batch;
  auto found = batch.begin().add(find, {limit}).run(session);
  if (!found) return propagate(found);
  auto seqs = numbersOf(found->back().rows);
  if (!seqs.empty()) apply(batch, numberList(seqs));
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  return seqs;
}

}  // namespace

Result<void> insertOperation(
    Session& session, const std::string& control_schema, const NewOperation& operation,
    const std::optional<std::pair<Lease, std::chrono::microseconds>>& lease, Timestamp now) {
  const auto state = lease ? OperationState::kRunning : OperationState::kQueued;
  auto inserted =
      change(session, operationText(sql::kInsertOperation, control_schema),
             {Blob{operation.id.value()}, numberOf(state),
              lease ? microseconds(lease->second) : std::int64_t{0}, Blob{operation.lane},
              lease ? Parameter(Blob{lease->first.value()}) : Parameter(nullptr),
              std::uint64_t{lease ? 1U : 0U}, std::string_view(operation.token_id),
              operation.key_digest ? Parameter(Blob{*operation.key_digest}) : Parameter(nullptr),
              Blob{operation.request_digest}, std::string_view(operation.identity_provider),
              Blob{operation.subject.value()}, std::string_view(operation.correlation_id),
              std::string_view(operation.request), std::int64_t{now}});
  if (inserted) return {};
  if (session.failure() == Failure::kDuplicate && session.duplicateKey() == "operation_key") {
    return failure(ErrorKind::kUniqueness, "the key is remembered already", "key");
  }
  return propagate(inserted);
}

Result<std::optional<Operation>> findOperation(Session& session, const std::string& control_schema,
                                               const OperationId& id) {
  return readOne(session, operationText(sql::kOperation, control_schema), id.value());
}

Result<std::optional<Operation>> findOperationByKey(Session& session,
                                                    const std::string& control_schema,
                                                    const std::string& key_digest) {
  return readOne(session, operationText(sql::kOperationByKey, control_schema), key_digest);
}

Result<std::vector<Operation>> claimOperations(Session& session, const std::string& control_schema,
                                               const Lease& lease,
                                               std::chrono::microseconds lease_time,
                                               std::uint64_t limit) {
  const auto claim = operationText(sql::kClaimOperations, control_schema);
  auto claimed = changeFound(
      session, operationText(sql::kClaimable, control_schema), limit,
      [&](StatementBatch& batch, const std::string& rows) {
        batch.add(withList(claim, rows), {microseconds(lease_time), Blob{lease.value()}});
      });
  if (!claimed) return propagate(claimed);
  if (claimed->empty()) return std::vector<Operation>();
  return readOperations(
      session,
      withList(operationText(sql::kOperationsOfRows, control_schema), numberList(*claimed)), {});
}

Result<std::uint64_t> requeueExpired(Session& session, const std::string& control_schema,
                                     std::uint64_t limit) {
  const auto requeue = operationText(sql::kRequeueOperations, control_schema);
  auto requeued = changeFound(
      session, operationText(sql::kExpiredLeases, control_schema), limit,
      [&](StatementBatch& batch, const std::string& rows) { batch.add(withList(requeue, rows)); });
  if (!requeued) return propagate(requeued);
  return requeued->size();
}

Result<bool> finishOperation(Session& session, const std::string& control_schema,
                             const OperationEnd& end, Timestamp now) {
  auto finished =
      change(session, operationText(sql::kFinishOperation, control_schema),
             {microseconds(end.keep), std::string_view(end.outcome),
              end.domain ? Parameter(std::uint64_t{end.domain->value()}) : Parameter(nullptr),
              end.user ? Parameter(Blob{end.user->bytes()}) : Parameter(nullptr),
              textOrNull(end.groups), textOrNull(end.code), textOrNull(end.detail),
              std::int64_t{now}, end.seq, Blob{end.lease.value()}});
  if (!finished) return propagate(finished);
  return *finished > 0;
}

Result<bool> postponeOperation(Session& session, const std::string& control_schema,
                               const OperationEnd& failed, std::chrono::microseconds wait) {
  auto postponed = change(session, operationText(sql::kPostponeOperation, control_schema),
                          {microseconds(wait), textOrNull(failed.code), textOrNull(failed.detail),
                           failed.seq, Blob{failed.lease.value()}});
  if (!postponed) return propagate(postponed);
  return *postponed > 0;
}

Result<bool> buryOperation(Session& session, const std::string& control_schema,
                           const OperationEnd& failed, Timestamp now) {
  auto buried = change(session, operationText(sql::kBuryOperation, control_schema),
                       {textOrNull(failed.code), textOrNull(failed.detail), std::int64_t{now},
                        failed.seq, Blob{failed.lease.value()}});
  if (!buried) return propagate(buried);
  return *buried > 0;
}

Result<void> releaseOperations(Session& session, const std::string& control_schema,
                               const Lease& lease, const std::vector<std::uint64_t>& seqs) {
  auto released = change(
      session, withList(operationText(sql::kReleaseOperations, control_schema), numberList(seqs)),
      {Blob{lease.value()}});
  if (!released) return propagate(released);
  return {};
}

Result<void> forgetOperation(Session& session, const std::string& control_schema, std::uint64_t seq,
                             const Lease& lease) {
  auto forgotten = change(session, operationText(sql::kForgetOperation, control_schema),
                          {seq, Blob{lease.value()}});
  if (!forgotten) return propagate(forgotten);
  return {};
}

Result<Retry> retryOperation(Session& session, const std::string& control_schema,
                             const OperationId& id) {
  StatementBatch batch;
  batch.begin().add(operationText(sql::kLockOperation, control_schema), {Blob{id.value()}});
  auto locked = batch.run(session);
  if (!locked) return propagate(locked);
  auto& rows = locked->back().rows;
  const auto refuse = [&](Retry reason) {
    rollback(session);
    return reason;
  };
  if (rows.empty()) return refuse(Retry::kNone);
  auto& row = rows.front();
  const std::uint64_t seq = unsignedAt(row, 0);
  const std::string lane = takeText(row, 1);
  if (unsignedAt(row, 2) != numberOf(OperationState::kDead)) return refuse(Retry::kNotDead);
  batch.add(operationText(sql::kLaterDone, control_schema), {Blob{lane}, seq});
  auto later = batch.run(session);
  if (!later) return propagate(later);
  if (!later->back().rows.empty()) return refuse(Retry::kSuperseded);
  batch.add(operationText(sql::kRetryOperation, control_schema), {seq});
  auto queued = batch.commit().run(session);
  if (!queued) return propagate(queued);
  return Retry::kQueued;
}

Result<bool> dropOperation(Session& session, const std::string& control_schema,
                           const OperationId& id) {
  auto dropped =
      change(session, operationText(sql::kDropOperation, control_schema), {Blob{id.value()}});
  if (!dropped) return propagate(dropped);
  return *dropped > 0;
}

Result<std::vector<Operation>> listOperations(Session& session, const std::string& control_schema,
                                              OperationState state, const OperationPlace& after,
                                              std::uint64_t limit) {
  return readOperations(
      session, operationText(sql::kOperationsInState, control_schema),
      {numberOf(state), std::int64_t{after.due}, std::int64_t{after.due}, after.seq, limit});
}

Result<std::vector<OperationId>> endedAmong(Session& session, const std::string& control_schema,
                                            const std::vector<OperationId>& ids) {
  std::vector<OperationId> ended;
  if (ids.empty()) return ended;
  std::vector<Parameter> parameters;
  parameters.reserve(ids.size());
  for (const auto& id : ids) parameters.emplace_back(Blob{id.value()});
  StatementBatch batch;
  batch.add(withList(operationText(sql::kEndedAmong, control_schema), placeholders(ids.size())),
            parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  for (auto& row : results->front().rows) ended.emplace_back(takeText(row, 0));
  return ended;
}

Result<std::uint64_t> removeOldOperations(Session& session, const std::string& control_schema,
                                          std::uint64_t limit) {
  const auto remove = operationText(sql::kDeleteOperations, control_schema);
  auto removed = changeFound(
      session, operationText(sql::kOldOperations, control_schema), limit,
      [&](StatementBatch& batch, const std::string& rows) { batch.add(withList(remove, rows)); });
  if (!removed) return propagate(removed);
  return removed->size();
}

Result<std::vector<OperationCount>> countOperations(Session& session,
                                                    const std::string& control_schema) {
  StatementBatch batch;
  batch.add(operationText(sql::kCountOperations, control_schema));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<OperationCount> counts;
  for (const auto& row : results->front().rows) {
    counts.push_back({static_cast<OperationState>(unsignedAt(row, 0)), unsignedAt(row, 1),
                      std::chrono::microseconds(signedAt(row, 2))});
  }
  return counts;
}

}  // namespace vestibule::store
