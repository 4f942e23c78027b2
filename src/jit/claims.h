#pragma once
// Reading a claims document: the ways in which identity providers say the same thing, made one.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace vestibule::jit {

/// What a claims document says under one name.
struct ClaimValues {
  /// The claim is there, though perhaps blank.
  bool present = false;
  /// The claim is not there, but the document says that it has to be fetched elsewhere
  /// (`_claim_names`, OpenID Connect Core §5.6.2): Entra does so with more than 200 groups. Its
  /// absence then means nothing.
  bool elsewhere = false;
  /// Strings, numbers, booleans and objects, lists flattened, in order; no null, no blank string,
  /// no empty object. They point into the document.
  std::vector<const json::Value*> values;
};

/// The name of a claim as settings write it. It is tried in this order:
///   1. as the exact name of a member: `email`, `https://example.org/claims/team`;
///   2. when it begins with `/`, as a JSON pointer (RFC 6901): `/realm_access/roles`,
///   `/emails/0/value`;
///   3. as a path of names joined by dots, the longest names first: `realm_access.roles`,
///   `resource_access.my.app.roles`. A list
///      on the way stands for each of its elements: `groups.name` gives the names of all groups.
/// Names are compared exactly. Immutable.
class ClaimPath {
 public:
  /// Error kInvalidValue for an empty name, one over 255 bytes, with control characters, or a
  /// pointer with a bad escape.
  [[nodiscard]] static Result<ClaimPath> compile(std::string_view text);

  /// What the document says. O(members on the way).
  [[nodiscard]] ClaimValues find(const json::Object& claims) const;
  /// True when the lookup can end in the document's member of this name.
  [[nodiscard]] bool reads(std::string_view member) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> pointer_;  ///< the segments, when the text is a pointer
};

/// The text of a string, number (as it is written) or boolean; nothing for an object.
[[nodiscard]] std::optional<std::string> claimText(const json::Value& value);

}  // namespace vestibule::jit
