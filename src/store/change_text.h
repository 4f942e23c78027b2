#pragma once
// What a row of the outbox or of a delivery says of a change, as JSON in its column `attributes`:
// names of attributes, and of a group who came and went. Or, of a change that other resources come
// of, which groups its resource joined or left.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/strong.h"
#include "store/announcement.h"

namespace vestibule::store {

/// What changed in a resource.
struct ToldChange {
  std::vector<std::string> attributes;  ///< their names
  std::optional<MembersTold> members;   ///< nothing: who came and went is not known
};

/// As the column has it: an array of names, or an object where there are members.
[[nodiscard]] std::string changeText(const ToldChange& change);
/// Reads it. What is none of ours reads as no names at all.
[[nodiscard]] ToldChange readChange(std::string_view text);

/// A group that gained or lost a member.
struct TouchedGroup {
  ResourceId id;
  Version version;  ///< behind the change
  std::optional<std::string> external_id;
};

/// The groups that a resource joined or left.
struct TouchedGroups {
  std::vector<TouchedGroup> groups;
  bool joined = false;
};

/// Reads the text that a statement of outbox_groups.h made; nothing for any other.
[[nodiscard]] std::optional<TouchedGroups> readTouchedGroups(std::string_view text);

}  // namespace vestibule::store
