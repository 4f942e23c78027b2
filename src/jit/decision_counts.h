#pragma once
// How many logins came to what, for each identity provider.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "directory/catalog.h"
#include "jit/codes.h"
#include "jit/outcome.h"

namespace vestibule::jit {

/// Counts decisions by identity provider, outcome and code. The first kMostProviders of the
/// catalog, in the order of their making, are counted by name, all others as one: so a new one
/// moves none, and the numbers of one that is deleted go with it. Thread-safe.
class DecisionCounts {
 public:
  static constexpr std::size_t kMostProviders = 100;
  /// Stand for names; no name has a '/'.
  static constexpr std::string_view kOthers = "/other";
  static constexpr std::string_view kUnknown = "/unknown";

  /// Counts a decision about this identity provider (0: one that the catalog does not have).
  /// `error` is the one that it ended with, or null; an outage counts as outcome `failed`. A shared
  /// lock and one or two relaxed additions.
  void count(const directory::Catalog& catalog, store::IdentityProviderNumber provider,
             Outcome outcome, const Error* error);

  /// The samples of `vestibule_jit_decisions_total`: every outcome of each identity provider.
  [[nodiscard]] std::vector<Sample> outcomes(const directory::Catalog& catalog);
  /// The samples of `vestibule_jit_refusals_total`: the codes that there were, of each identity
  /// provider.
  [[nodiscard]] std::vector<Sample> codes(const directory::Catalog& catalog);

 private:
  /// The outcomes, and `failed`.
  static constexpr std::size_t kOutcomes = static_cast<std::size_t>(Outcome::kRefused) + 2;

  struct Counts {
    std::string name;
    std::array<std::atomic<std::uint64_t>, kOutcomes> outcomes{};
    std::array<std::atomic<std::uint64_t>, kCodes.size()> codes{};

    void add(Outcome outcome, const Error* error);
  };

  /// True when a catalog as new as this one was seen: logins that began before a change still have
  /// the one of before.
  [[nodiscard]] bool follows(const directory::Catalog& catalog) const {
    return followed_ && catalog.revision() <= *followed_;
  }
  /// Makes room for what is new in the catalog, and drops what is gone.
  void follow(const directory::Catalog& catalog);
  template <typename Tell>
  [[nodiscard]] std::vector<Sample> samples(const directory::Catalog& catalog, Tell&& tell);

  std::shared_mutex mutex_;
  std::optional<std::uint64_t> followed_;  ///< the revision of the newest catalog that was seen
  std::map<store::IdentityProviderNumber, Counts> known_;
  Counts others_{std::string(kOthers)};
  Counts unknown_{std::string(kUnknown)};
};

}  // namespace vestibule::jit
