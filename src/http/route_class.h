#pragma once
// The classes by which requests are counted and timed: few and fixed, whatever clients ask for.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace vestibule::http {

/// What a request is about, as far as it makes a difference in time.
enum class RouteClass : std::uint8_t {
  kScimRead,
  kScimList,
  kScimCreate,
  kScimReplace,
  kScimPatch,
  kScimDelete,
  kScimBulk,
  kScimDiscovery,
  kJitProvision,
  kJitExplain,
  kJitForwardAuth,
  kJitOther,  ///< operations, decisions and prompts, as the gateway asks about them
  kPrompt,    ///< the person's pages
  kEvents,    ///< polls of receivers of events, and the keys
  kAdmin,
  kMetrics,
  kHealth,
  kNone,  ///< no route: unknown paths, and what is refused before its path is looked at
};

/// The class of a route, by its pattern.
[[nodiscard]] RouteClass routeClassOf(Method method, std::string_view pattern);

/// The values of the label `route`, in the order of the enumerators.
[[nodiscard]] const std::vector<std::string>& routeClassNames();

}  // namespace vestibule::http
