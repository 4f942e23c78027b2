#pragma once
// What the names of the schemas of a domain end in while it is restored or moved, and behind that.
// No two of these meet in one name but that of a fence behind kRestoredSuffix. Private to store/.

#include <string_view>

namespace vestibule::store {

/// The schema of a domain that was restored while it had another one, and the other way round at
/// the next restoring: a process that knows the other one from before cannot get at what was
/// restored.
inline constexpr std::string_view kRestoredSuffix = "_r";
/// The schema of the copies of PRIMARY's rows of tables that domains share.
inline constexpr std::string_view kCopiesSuffix = "_s";
/// A domain's tables behind the fence.
inline constexpr std::string_view kFencedSuffix = "_m";

}  // namespace vestibule::store
