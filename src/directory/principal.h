#pragma once
// Who is asking, and what they may do.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/request_rate.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::directory {

/// What a token allows. A set of scopes is their bits or-ed.
enum class Scope : std::uint8_t {
  kScimRead = 1,
  kScimWrite = 2,
  kJit = 4,
  kAdmin = 8,
  kMeRead = 16,          ///< reads the user it is bound to, and nothing else
  kMeWrite = 32,         ///< changes of that user what self_service.h lets it
  kScimPrivileged = 64,  ///< with kScimWrite: changes what privileges.h keeps to it
  kEventsRead = 128,     ///< fetches the events of the streams that name the token
};

/// Reads space-separated scopes (`scim:read`, `scim:write`, `scim:privileged`, `jit`, `admin`,
/// `me:read`, `me:write`, `events:read`) into bits. Error kInvalidValue naming the unknown one, or
/// for none.
[[nodiscard]] Result<std::uint8_t> parseScopes(std::string_view text);

/// The scopes as text, in the order above.
[[nodiscard]] std::string scopesText(std::uint8_t scopes);

/// What is remembered of a token from request to request, whichever catalog it is found in.
/// Thread-safe.
struct TokenActivity {
  std::atomic<Timestamp> last_used{0};  ///< 0: not since the start
  RequestRate rate;
};

/// An authenticated caller.
struct Principal {
  std::string token_id;
  std::string name;
  std::uint8_t scopes = 0;
  bool all_domains = true;
  std::vector<DomainNumber> domains;           ///< those it may see when not all
  std::optional<scim::Tolerances> tolerances;  ///< of its own, which go before those of a domain
  /// The user it is bound to, whom `/Me` means; may not exist any more. Nothing: nobody.
  std::optional<ResourceId> user;
  std::optional<std::uint32_t> requests_per_minute;  ///< nothing: any number
  std::shared_ptr<TokenActivity> activity = std::make_shared<TokenActivity>();

  [[nodiscard]] bool has(Scope scope) const {
    return (scopes & static_cast<std::uint8_t>(scope)) != 0;
  }
  /// By the permanent number: another domain that has the name later is another domain.
  [[nodiscard]] bool sees(DomainNumber domain) const;
};

}  // namespace vestibule::directory
