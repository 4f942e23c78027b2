#pragma once
// What a provision came to.

#include <cstdint>
#include <string_view>

namespace vestibule::jit {

enum class Outcome : std::uint8_t {
  kCreated,    ///< the subject was new: a user was made for it
  kLinked,     ///< the subject was new: a rule found a local user, who has it now
  kUpdated,    ///< the user was known, and attributes or groups changed
  kUnchanged,  ///< the user was known, and nothing of it changed
  kPrompt,     ///< the person has to be asked first
  kSkipped,    ///< the settings say that nothing is provisioned
  kRefused,    ///< a rule or a failure forbade it; a code says which
};

/// The outcome as answers spell it.
[[nodiscard]] constexpr std::string_view nameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCreated:
      return "created";
    case Outcome::kLinked:
      return "linked";
    case Outcome::kUpdated:
      return "updated";
    case Outcome::kUnchanged:
      return "unchanged";
    case Outcome::kPrompt:
      return "prompt";
    case Outcome::kSkipped:
      return "skipped";
    case Outcome::kRefused:
      break;
  }
  return "refused";
}

}  // namespace vestibule::jit
