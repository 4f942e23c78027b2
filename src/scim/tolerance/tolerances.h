#pragma once
// The deviations of clients that may be accepted: each has a name, and a request is read with a set
// of them. What is accepted always (operators in any case, `remove` with a list of values, Entra's
// `emails[…].value eq`) has no name.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vestibule::scim {

/// One deviation. What each accepts stands in `toleranceTable`.
enum class Tolerance : std::uint8_t {
  kStringBooleans,
  kStringManager,
  kDottedKeysInValue,
  kFilterAddCreates,
  kFilterReplaceCreates,
  kIgnoreReadonlyInPatchValue,
  kUnquotedFilterValues,
  kUnknownAttributes,
  kUnknownSchemaUris,
  kGroupPatch204,
  kPutAbsentKeep,
  kEmptyStringIsUnassigned,
  kParamNamesCaseInsensitive,
  kLegacySchemaUris,
  kMembersReplaceAdds,
};

inline constexpr std::size_t kToleranceCount = 15;

/// A set of tolerances.
class Tolerances {
 public:
  constexpr Tolerances() = default;
  constexpr Tolerances(std::initializer_list<Tolerance> each) {
    for (const Tolerance one : each) add(one);
  }

  [[nodiscard]] constexpr bool has(Tolerance one) const { return (bits_ & bitOf(one)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(Tolerance one) { bits_ |= bitOf(one); }
  constexpr void remove(Tolerance one) { bits_ &= ~bitOf(one); }
  [[nodiscard]] constexpr Tolerances with(Tolerance one) const {
    Tolerances more = *this;
    more.add(one);
    return more;
  }
  [[nodiscard]] constexpr Tolerances without(Tolerance one) const {
    Tolerances fewer = *this;
    fewer.remove(one);
    return fewer;
  }
  /// Those in it, in the order of the enumeration.
  [[nodiscard]] std::vector<Tolerance> list() const;
  /// Their names, with a comma between them.
  [[nodiscard]] std::string names() const;

  constexpr bool operator==(const Tolerances&) const = default;

 private:
  [[nodiscard]] static constexpr std::uint32_t bitOf(Tolerance one) {
    return std::uint32_t{1} << static_cast<unsigned>(one);
  }
  std::uint32_t bits_ = 0;
};

/// Which tolerances made a difference to a request.
using TolerancesFired = Tolerances;

/// One tolerance as people see it.
struct ToleranceInfo {
  Tolerance tolerance;
  std::string_view name;     ///< as in a specification, the log and the metrics
  std::string_view accepts;  ///< one line
};

/// Every tolerance, in the order of the enumeration.
[[nodiscard]] const std::array<ToleranceInfo, kToleranceCount>& toleranceTable();

[[nodiscard]] std::string_view nameOf(Tolerance tolerance);

/// A named set to start from.
struct TolerancePreset {
  std::string_view name;
  std::string_view meaning;  ///< one line
  Tolerances tolerances;
};

/// `strict`, `entra`, `okta` and `default`.
[[nodiscard]] const std::array<TolerancePreset, 4>& tolerancePresets();

/// The preset `default`: what a server accepts that nobody has told otherwise.
[[nodiscard]] Tolerances defaultTolerances();

/// Reads `PRESET` with changes behind it, such as `entra,+members_replace_adds,-string_booleans`:
/// `+` adds a tolerance and `-` takes one away, in the order written. Blanks around the parts mean
/// nothing. Error kInvalidValue (attribute `tolerances`) that says which part is wrong and lists
/// the names there are.
[[nodiscard]] Result<Tolerances> parseTolerances(std::string_view specification);

/// The longest specification that is read, in bytes: enough for every tolerance to be named.
inline constexpr std::size_t kMaxToleranceSpecification = 1'000;

/// With what one request is read: the tolerances in force, and where it is noted which of them made
/// a difference. Passed by value; the note must outlive it. Not to be used by two threads at once.
class Tolerating {
 public:
  /// The preset `default`, and no note.
  Tolerating() : Tolerating(defaultTolerances()) {}
  // NOLINTNEXTLINE(google-explicit-constructor): a set of tolerances is all that most callers have
  Tolerating(Tolerances tolerances, TolerancesFired* fired = nullptr)
      : tolerances_(tolerances), fired_(fired) {}

  /// Whether it is in force, for who does not know yet whether it will matter.
  [[nodiscard]] bool allows(Tolerance tolerance) const { return tolerances_.has(tolerance); }
  /// Whether the deviation that was met is accepted; if so, that is noted. Ask only when without
  /// the tolerance the request would mean something else, or be refused.
  [[nodiscard]] bool accepts(Tolerance tolerance) const {
    if (!allows(tolerance)) return false;
    if (fired_ != nullptr) fired_->add(tolerance);
    return true;
  }

 private:
  Tolerances tolerances_;
  TolerancesFired* fired_;
};

}  // namespace vestibule::scim
