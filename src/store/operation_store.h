#pragma once
// Provisions that are queued, or that have to be answered once for each Idempotency-Key: the rows
// that all servers on one database share. An operation is queued, then run by whoever claims it,
// for as long as a lease lasts; then it is done, queued again for later, or dead. It is stored
// before anybody is told of it, and its end is stored with what it wrote.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/database.h"

namespace vestibule::store {

/// The random name of an operation: 16 bytes.
using OperationId = Strong<struct OperationIdTag, std::string>;
/// Who runs an operation: 16 random bytes for each time something is claimed.
using Lease = Strong<struct LeaseTag, std::string>;

/// Values of the column `state`.
enum class OperationState : std::uint8_t {
  kQueued = 1,   ///< waits for its turn, or for the next attempt
  kRunning = 2,  ///< somebody has a lease on it
  kDead = 3,     ///< was tried too often; an operator retries or drops it
  kDone = 4,     ///< has an outcome, a refusal included; forgotten after a time
};

/// An operation to be stored.
struct NewOperation {
  OperationId id;
  std::string lane;      ///< 32 bytes: operations of one lane are run one after the other
  std::string token_id;  ///< of who asks: 32 hexadecimal digits
  std::optional<std::string> key_digest;  ///< 32 bytes: the Idempotency-Key and whose it is
  std::string request_digest;             ///< 32 bytes: tells another request under the same key
  std::string identity_provider;          ///< by name
  Subject subject;
  std::string correlation_id;
  std::string request;  ///< what is to be run, as whoever runs it reads it
};

/// An operation as stored.
struct Operation {
  std::uint64_t seq = 0;
  OperationId id;
  OperationState state = OperationState::kQueued;
  Timestamp due = 0;  ///< from when it may run, or when its lease ends, or since when it is dead
  std::uint32_t attempts = 0;
  std::string token_id;
  std::string request_digest;
  std::string identity_provider;
  Subject subject;
  std::string correlation_id;
  std::optional<std::string> request;  ///< nothing once it is done
  std::optional<std::string> outcome;  ///< once it is done
  std::optional<DomainNumber> domain;
  std::optional<ResourceId> user;
  std::optional<std::string> groups;  ///< JSON
  std::string code;                   ///< of the refusal or the last failure; empty: none
  std::string detail;
  Timestamp created = 0;
  std::optional<Timestamp> finished;
};

/// How an operation ends.
struct OperationEnd {
  std::uint64_t seq = 0;
  Lease lease;
  std::string outcome;
  std::optional<DomainNumber> domain;
  std::optional<ResourceId> user;
  std::optional<std::string> groups;
  std::string code;
  std::string detail;
  std::chrono::microseconds keep{0};  ///< for how long it is remembered
};

/// Stores the operation. With a lease it is run at once by whoever stores it. Error kUniqueness
/// with attribute `key` when its key is remembered already. One query.
[[nodiscard]] Result<void> insertOperation(
    Session& session, const std::string& control_schema, const NewOperation& operation,
    const std::optional<std::pair<Lease, std::chrono::microseconds>>& lease, Timestamp now);

/// The operation of this id, or of this key. One query.
[[nodiscard]] Result<std::optional<Operation>> findOperation(Session& session,
                                                             const std::string& control_schema,
                                                             const OperationId& id);
[[nodiscard]] Result<std::optional<Operation>> findOperationByKey(Session& session,
                                                                  const std::string& control_schema,
                                                                  const std::string& key_digest);

/// Takes up to `limit` queued operations that are due, the longest due first, and of each lane no
/// other than the first that is not finished. They come with this attempt counted.
[[nodiscard]] Result<std::vector<Operation>> claimOperations(Session& session,
                                                             const std::string& control_schema,
                                                             const Lease& lease,
                                                             std::chrono::microseconds lease_time,
                                                             std::uint64_t limit);

/// Queues up to `limit` operations whose lease has ended; returns how many.
[[nodiscard]] Result<std::uint64_t> requeueExpired(Session& session,
                                                   const std::string& control_schema,
                                                   std::uint64_t limit);

/// Ends an operation. False when the lease is lost: somebody else runs it. One query.
[[nodiscard]] Result<bool> finishOperation(Session& session, const std::string& control_schema,
                                           const OperationEnd& end, Timestamp now);

/// Queues an operation again, due in `wait`. False when the lease is lost. One query.
[[nodiscard]] Result<bool> postponeOperation(Session& session, const std::string& control_schema,
                                             const OperationEnd& failed,
                                             std::chrono::microseconds wait);

/// Gives an operation up, until an operator retries or drops it. False when the lease is lost.
[[nodiscard]] Result<bool> buryOperation(Session& session, const std::string& control_schema,
                                         const OperationEnd& failed, Timestamp now);

/// Gives operations back that were not begun. One query.
[[nodiscard]] Result<void> releaseOperations(Session& session, const std::string& control_schema,
                                             const Lease& lease,
                                             const std::vector<std::uint64_t>& seqs);

/// Removes an operation that its lease's holder has begun and that left nothing. One query.
[[nodiscard]] Result<void> forgetOperation(Session& session, const std::string& control_schema,
                                           std::uint64_t seq, const Lease& lease);

/// What came of a retry that an operator asked for.
enum class Retry : std::uint8_t {
  kQueued,
  kNone,        ///< there is no such operation
  kNotDead,     ///< it has not been given up
  kSuperseded,  ///< a later one of its lane is done: this one would put back what was before
};

/// Queues a dead operation as if it had never been tried.
[[nodiscard]] Result<Retry> retryOperation(Session& session, const std::string& control_schema,
                                           const OperationId& id);

/// Removes an operation that is dead or still queued; false when there is none such. One query.
[[nodiscard]] Result<bool> dropOperation(Session& session, const std::string& control_schema,
                                         const OperationId& id);

/// A place in the list of operations of one state.
struct OperationPlace {
  Timestamp due = 0;
  std::uint64_t seq = 0;
};

/// Up to `limit` operations of the state behind the place, by `due`. One query.
[[nodiscard]] Result<std::vector<Operation>> listOperations(Session& session,
                                                            const std::string& control_schema,
                                                            OperationState state,
                                                            const OperationPlace& after,
                                                            std::uint64_t limit);

/// Which of these have ended: they are done or dead. One query.
[[nodiscard]] Result<std::vector<OperationId>> endedAmong(Session& session,
                                                          const std::string& control_schema,
                                                          const std::vector<OperationId>& ids);

/// Removes up to `limit` operations that need not be remembered any longer; returns how many.
[[nodiscard]] Result<std::uint64_t> removeOldOperations(Session& session,
                                                        const std::string& control_schema,
                                                        std::uint64_t limit);

/// How many operations are in one state.
struct OperationCount {
  OperationState state = OperationState::kQueued;
  std::uint64_t number = 0;
  std::chrono::microseconds oldest{0};  ///< for how long the longest has been due
};

/// The states that are not done, with how many operations are in them; a state without any is left
/// out. Costs a walk over their index.
[[nodiscard]] Result<std::vector<OperationCount>> countOperations(
    Session& session, const std::string& control_schema);

}  // namespace vestibule::store
