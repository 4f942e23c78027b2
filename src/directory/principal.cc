#include "directory/principal.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"

namespace vestibule::directory {
namespace {

constexpr std::array<std::pair<std::string_view, Scope>, 8> kScopes{{
    {"scim:read", Scope::kScimRead},
    {"scim:write", Scope::kScimWrite},
    {"scim:privileged", Scope::kScimPrivileged},
    {"jit", Scope::kJit},
    {"admin", Scope::kAdmin},
    {"me:read", Scope::kMeRead},
    {"me:write", Scope::kMeWrite},
    {"events:read", Scope::kEventsRead},
}};

/// `scim:read, …, me:read and me:write`, with `last` before the last.
std::string everyScope(std::string_view last) {
  std::string text(kScopes.front().first);
  for (std::size_t i = 1; i < kScopes.size(); ++i) {
    text.append(i + 1 == kScopes.size() ? last : ", ").append(kScopes[i].first);
  }
  return text;
}

}  // namespace

Result<std::uint8_t> parseScopes(std::string_view text) {
  std::uint8_t scopes = 0;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    const auto* found = std::find_if(kScopes.begin(), kScopes.end(),
                                     [&](const auto& scope) { return scope.first == word; });
    if (found == kScopes.end()) {
      return failure(
          ErrorKind::kInvalidValue,
          "unknown scope \"" + printable(word, 40) + "\": the scopes are " + everyScope(" and "),
          "scopes");
    }
    scopes = static_cast<std::uint8_t>(scopes | static_cast<std::uint8_t>(found->second));
  }
  if (scopes == 0) {
    return failure(ErrorKind::kInvalidValue,
                   "a token needs at least one scope: " + everyScope(" or "), "scopes");
  }
  return scopes;
}

std::string scopesText(std::uint8_t scopes) {
  std::string text;
  for (const auto& [name, scope] : kScopes) {
    if ((scopes & static_cast<std::uint8_t>(scope)) == 0) continue;
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

bool Principal::sees(DomainNumber domain) const {
  return all_domains || std::find(domains.begin(), domains.end(), domain) != domains.end();
}

}  // namespace vestibule::directory
