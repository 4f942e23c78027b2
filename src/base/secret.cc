#include "base/secret.h"

#include <openssl/crypto.h>

#include "base/crypto.h"

namespace vestibule {

// A copy that is wiped: a move may leave a short text where it was.
// NOLINTNEXTLINE(performance-move-constructor-init,cert-oop11-cpp)
Secret::Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = other.value_;
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

bool Secret::matches(std::string_view other) const { return equalConstantTime(value_, other); }

void Secret::wipe() {
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

}  // namespace vestibule
