#pragma once
// Answers that hold for a while.

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/exchange.h"

namespace vestibule::http {

/// Keeps answers by key until they expire, and at most so many: when it is full the older half is
/// forgotten. Thread-safe; both operations O(1).
class AnswerCache {
 public:
  using Clock = std::chrono::steady_clock;

  /// `capacity` is at least 2.
  explicit AnswerCache(std::size_t capacity) : half_(capacity / 2) {}

  /// The answer under this key that has not expired at `now`; null when there is none.
  [[nodiscard]] std::shared_ptr<const Response> find(const std::string& key, Clock::time_point now);

  /// Keeps the answer until `expires`, in place of one that is there.
  void keep(std::string key, std::shared_ptr<const Response> answer, Clock::time_point expires);

 private:
  struct Entry {
    std::shared_ptr<const Response> answer;
    Clock::time_point expires;
  };
  using Entries = std::unordered_map<std::string, Entry>;

  const std::size_t half_;
  std::mutex mutex_;
  Entries newer_;  ///< half of the capacity at most; then it becomes `older_`
  Entries older_;
};

}  // namespace vestibule::http
