#pragma once
// The sources of keys that are in use, by where they read: two identity providers of one issuer
// share one.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "jose/key_fetch.h"
#include "jose/key_location.h"
#include "jose/key_source.h"

namespace vestibule::jose {

/// Hands out sources. One lives as long as anybody holds it. Thread-safe.
class KeySources {
 public:
  explicit KeySources(FetchOptions options = {}, const KeySourceLimits& limits = {})
      : options_(std::move(options)), limits_(limits) {}

  /// The source that reads there. Nothing is read yet.
  [[nodiscard]] std::shared_ptr<KeySource> at(const KeyLocation& location);

 private:
  const FetchOptions options_;
  const KeySourceLimits limits_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<KeySource>> sources_;
};

}  // namespace vestibule::jose
