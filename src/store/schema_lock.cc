#include "store/schema_lock.h"

#include <algorithm>
#include <utility>

#include "store/domain_tables.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {

Result<SchemaLock> SchemaLock::take(Session& session, const std::string& control_schema,
                                    unsigned seconds) {
  SchemaLock lock(session, "vestibule migrates " + unquoteName(control_schema));
  StatementBatch batch;
  batch.add("SELECT COALESCE(GET_LOCK(?, ?), 0)",
            {std::string_view(lock.name_), std::uint64_t{seconds}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (unsignedAt(results->front().rows.at(0), 0) != 1) {
    return failure(ErrorKind::kUnavailable,
                   "another process is migrating or backing up the database, or making, deleting, "
                   "restoring or moving a domain; try again later");
  }
  lock.held_ = true;
  return lock;
}

unsigned lockSecondsOf(const Session& session) {
  constexpr unsigned kMost = 5;
  const unsigned read = session.readSeconds();
  return read == 0 ? kMost : std::min(kMost, read / 2);
}

SchemaLock::SchemaLock(SchemaLock&& other) noexcept
    : session_(other.session_),
      name_(std::move(other.name_)),
      held_(std::exchange(other.held_, false)) {}

SchemaLock::~SchemaLock() {
  if (!held_ || session_->unusable()) return;
  // Apart from the session's memory of failures, which belongs to what ran under the lock.
  const auto failure = session_->failure();
  const auto number = session_->errorNumber();
  auto message = session_->errorMessage();
  StatementBatch batch;
  batch.add("SELECT RELEASE_LOCK(?)", {std::string_view(name_)});
  if (!batch.run(*session_)) {
    session_->markUnusable();
  } else {
    session_->setFailure(failure, number, std::move(message));
  }
}

}  // namespace vestibule::store
