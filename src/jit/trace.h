#pragma once
// The ordered account of a decision: what was looked at, by which rule, and what came of it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace vestibule::jit {

/// One step of a decision.
struct TraceEntry {
  std::string step;  ///< `identityProvider`, `idToken`, `conditions`, `claims`, `lookup`, `domain`,
                     ///< `link`, `user`, `userName`, `roles`, `attributes`, `write`
  std::string rule;  ///< the setting or rule that was applied
  std::string input;    ///< what it was applied to
  std::string outcome;  ///< what came of it
};

/// The steps of one decision in order. Not thread-safe.
class Trace {
 public:
  /// Appends a step. Texts from outside are made printable and cut to 200 bytes each.
  void add(std::string_view step, std::string_view rule, std::string_view input,
           std::string_view outcome);

  [[nodiscard]] const std::vector<TraceEntry>& entries() const { return entries_; }
  /// The entries as `explain` shows them: `[{"step","rule","input","outcome"}]`.
  [[nodiscard]] json::Array toJson() const;
  /// The same as text, to be kept: of more than kKeptSteps steps the first and the last, and
  /// between them one that says how many are missing.
  [[nodiscard]] std::string keptText() const;

  static constexpr std::size_t kKeptSteps = 200;

 private:
  std::vector<TraceEntry> entries_;
};

}  // namespace vestibule::jit
