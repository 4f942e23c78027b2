#pragma once
// The lock under which schemas are made, migrated, backed up, moved and dropped, by whatever
// process. Private to store/.

#include <string>

#include "base/result.h"
#include "store/session.h"

namespace vestibule::store {

/// Held from take() to the end of the object; the server lets go of it too when the session ends.
/// A session may take it again while it holds it.
class SchemaLock {
 public:
  /// Waits for the lock, for at most `seconds`. Error kUnavailable when another session held it for
  /// all that time.
  [[nodiscard]] static Result<SchemaLock> take(Session& session, const std::string& control_schema,
                                               unsigned seconds);
  SchemaLock(SchemaLock&& other) noexcept;
  SchemaLock& operator=(SchemaLock&&) = delete;
  ~SchemaLock();

 private:
  SchemaLock(Session& session, std::string name) : session_(&session), name_(std::move(name)) {}

  Session* session_;
  std::string name_;
  bool held_ = false;
};

/// How long a session of the pool waits for the lock: less than the server may take to answer.
[[nodiscard]] unsigned lockSecondsOf(const Session& session);

}  // namespace vestibule::store
