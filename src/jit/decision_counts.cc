#include "jit/decision_counts.h"

#include <algorithm>
#include <mutex>

#include "jit/kept_decisions.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kFailed = "failed";

/// The place of the code in the table; of one that is not there, that of the unexpected.
std::size_t placeOf(const std::string& code) {
  const auto* const found = std::find_if(kCodes.begin(), kCodes.end(),
                                         [&](const CodeInfo& info) { return info.code == code; });
  const auto* const place = found == kCodes.end() ? kCodes.end() - 1 : found;
  return static_cast<std::size_t>(place - kCodes.begin());
}

}  // namespace

void DecisionCounts::Counts::add(Outcome outcome, const Error* error) {
  const auto count = [](std::atomic<std::uint64_t>& cell) {
    cell.fetch_add(1, std::memory_order_relaxed);
  };
  const bool failed = error != nullptr && isOutage(*error);
  count(failed ? outcomes.back() : outcomes.at(static_cast<std::size_t>(outcome)));
  if (error != nullptr) count(codes.at(placeOf(error->code)));
}

void DecisionCounts::count(const directory::Catalog& catalog,
                           store::IdentityProviderNumber provider, Outcome outcome,
                           const Error* error) {
  if (provider == 0) return unknown_.add(outcome, error);
  {
    const std::shared_lock lock(mutex_);
    const auto found = known_.find(provider);
    if (found != known_.end()) return found->second.add(outcome, error);
    if (follows(catalog)) return others_.add(outcome, error);
  }
  const std::unique_lock lock(mutex_);
  follow(catalog);
  const auto found = known_.find(provider);
  (found == known_.end() ? others_ : found->second).add(outcome, error);
}

void DecisionCounts::follow(const directory::Catalog& catalog) {
  if (follows(catalog)) return;
  followed_ = catalog.revision();
  std::map<store::IdentityProviderNumber, const std::string*> there;
  for (const auto& row : catalog.identityProviders()) there.emplace(row.number, &row.name);
  std::erase_if(known_, [&](const auto& entry) { return !there.contains(entry.first); });
  for (const auto& [number, name] : there) {
    if (known_.size() >= kMostProviders) return;
    const auto [made, is_new] = known_.try_emplace(number);
    if (is_new) made->second.name = *name;
  }
}

template <typename Tell>
std::vector<Sample> DecisionCounts::samples(const directory::Catalog& catalog, Tell&& tell) {
  std::vector<Sample> all;
  const std::unique_lock lock(mutex_);
  follow(catalog);
  for (const auto& [number, counts] : known_) tell(counts, all);
  tell(others_, all);
  tell(unknown_, all);
  return all;
}

std::vector<Sample> DecisionCounts::outcomes(const directory::Catalog& catalog) {
  return samples(catalog, [](const Counts& counts, std::vector<Sample>& all) {
    for (std::size_t i = 0; i < counts.outcomes.size(); ++i) {
      const auto outcome = i + 1 < kOutcomes ? nameOf(static_cast<Outcome>(i)) : kFailed;
      all.push_back({{{"identity_provider", counts.name}, {"outcome", std::string(outcome)}},
                     static_cast<double>(counts.outcomes.at(i))});
    }
  });
}

std::vector<Sample> DecisionCounts::codes(const directory::Catalog& catalog) {
  return samples(catalog, [](const Counts& counts, std::vector<Sample>& all) {
    for (std::size_t i = 0; i < counts.codes.size(); ++i) {
      const auto number = counts.codes.at(i).load(std::memory_order_relaxed);
      if (number == 0) continue;
      all.push_back({{{"identity_provider", counts.name}, {"code", std::string(kCodes.at(i).code)}},
                     static_cast<double>(number)});
    }
  });
}

}  // namespace vestibule::jit
