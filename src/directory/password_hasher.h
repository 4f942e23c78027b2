#pragma once
// Password hashing costs tens of milliseconds and megabytes: it is done by few threads of its own,
// outside every transaction, so that a burst of passwords cannot take the request threads or the
// memory of the process.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace vestibule::directory {

/// Thread-safe.
class PasswordHasher {
 public:
  /// `waiting` callers at most; a further one is refused.
  explicit PasswordHasher(unsigned threads = 1, std::size_t waiting = 8);
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  /// The Argon2id hash (PHC text). Waits for it. Error kUnavailable when too many wait already,
  /// kInvalidValue when the password cannot be prepared (RFC 8265 OpaqueString).
  [[nodiscard]] Result<std::string> hash(const Secret& password);

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable signal_;
  std::deque<std::function<void()>> jobs_;
  std::size_t waiting_limit_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vestibule::directory
