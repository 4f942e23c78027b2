#pragma once
// A password or token on its way through the process.

#include <string>
#include <string_view>
#include <utility>

namespace vestibule {

/// Holds a secret text: it cannot be printed or compared by accident, and its memory is wiped when
/// it goes. Movable, not copyable. Not thread-safe.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The secret itself; the name is long so that a reviewer sees each use.
  [[nodiscard]] std::string_view exposeSecret() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  /// Compares in constant time.
  [[nodiscard]] bool matches(std::string_view other) const;

 private:
  void wipe();
  std::string value_;
};

}  // namespace vestibule
